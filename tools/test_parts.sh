# shellcheck shell=bash disable=SC2154
# Sourced by ./test: what each part builds and runs. A part adds to part_passed and part_failed.

# Instantiated suites are named Instance/Suite.
sanitized_suites='Unit*:Contract*:Http*:Regression*:*/Unit*:*/Contract*:*/Http*:*/Regression*'

# gtest_part FOLDER PATTERN SECONDS: the combined executable, its suites that match, in two halves side by side: many wait for servers.
gtest_part() {
  local half status reports=("$1/report-$part-0.json" "$1/report-$part-1.json") runs=()
  rm -f "${reports[@]}"
  for half in 0 1; do
    GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=$half timeout --kill-after=10 "$3" "$1/tests/edda_tests" --gtest_brief=1 --gtest_filter="$2" \
      --gtest_output="json:${reports[half]}" &
    runs+=("$!")
  done
  for half in 0 1; do
    status=0
    wait "${runs[half]}" || status=$?
    count_gtest "${reports[half]}" "$status"
  done
}

# count_gtest REPORT STATUS: a crash or a time-out leaves no report, or one that disagrees with the exit code.
count_gtest() {
  local tests=0 bad=0
  if [ -f "$1" ]; then
    tests=$(sed -n '0,/"tests": /s/.*"tests": \([0-9]*\).*/\1/p' "$1")
    bad=$(sed -n '0,/"failures": /s/.*"failures": \([0-9]*\).*/\1/p' "$1")
  fi
  if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then
    say "The tests ended early (exit code $2$([ "$2" -eq 124 ] && echo ', out of time'))."
    bad=1
    tests=$((tests > 0 ? tests : 1))
  fi
  part_passed=$((part_passed + tests - bad))
  part_failed=$((part_failed + bad))
}

# build_ahead PART...: begins the builds of the sanitizers among these parts, with the time that the other parts' tests leave: they mostly wait.
ahead=
build_ahead() {
  local builds=()
  [[ " $* " != *" asan "* ]] || builds+=(asan-ubsan build/asan-ubsan edda_tests)
  [[ " $* " != *" asan "* || " $* " != *" sim "* ]] || builds+=(asan-ubsan build/asan-ubsan edda-sim)
  [[ " $* " != *" tsan "* ]] || builds+=(tsan build/tsan edda_tests)
  [ ${#builds[@]} -gt 0 ] || return 0
  # A session of its own, so that the kernel takes it for one task that has to stand back.
  # shellcheck disable=SC2016 # expanded by the shell that runs it
  setsid chrt --idle 0 bash -c '
    echo 19 2>/dev/null >/proc/self/autogroup || true
    . tools/lib.sh
    while [ $# -gt 0 ]; do (configure "$1" "$2" && build "$2" "$3"); shift 3; done
  ' build_ahead "${builds[@]}" >build/ahead.log 2>&1 </dev/null &
  ahead=$!
}

# Whatever failed there fails again, and is told, where it is wanted.
end_of_build_ahead() {
  [ -z "$ahead" ] || wait "$ahead" || true
  ahead=
}

# built PRESET FOLDER TARGET...: false, and one failure counted, when it does not build.
built() {
  local preset=$1 folder=$2 target
  shift 2
  [ "$preset" = release-tests ] || end_of_build_ahead
  for target in "$@"; do
    (configure "$preset" "$folder" && build "$folder" "$target") && continue
    part_failed=$((part_failed + 1))
    return 1
  done
}

sanitized() {
  built "$1" "build/$1" edda_tests || return 0
  local symbolizer=/usr/bin/llvm-symbolizer-19
  # A finding ends the run with its stack; a leak is a finding.
  ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:check_initialization_order=1:external_symbolizer_path=$symbolizer \
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:external_symbolizer_path=$symbolizer \
    TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp:external_symbolizer_path=$symbolizer \
    gtest_part "build/$1" "$sanitized_suites" 1200
}

# pytest_part FOLDER SECONDS [ARGUMENT...]: black-box tests of FOLDER/edda or another program there, by tests_run; without an argument
# those in tests/system.
pytest_part() {
  local log=$1/report-$part.txt status=0 line
  EDDA_BIN=$PWD/$1/${program:-edda} timeout --kill-after=10 "$2" "${tests_run:-tests/system/run.sh}" "${@:3}" 2>&1 | tee "$log" || status=$?
  line=$(tail -n 1 "$log")
  local good bad broken
  good=$(grep -oE '[0-9]+ passed' <<<"$line" | grep -oE '[0-9]+' || echo 0)
  bad=$(grep -oE '[0-9]+ failed' <<<"$line" | grep -oE '[0-9]+' || echo 0)
  broken=$(grep -oE '[0-9]+ errors?' <<<"$line" | grep -oE '[0-9]+' || echo 0)
  [ "$status" -eq 0 ] || [ $((bad + broken)) -gt 0 ] || broken=1
  part_passed=$((part_passed + good))
  part_failed=$((part_failed + bad + broken))
}

system_part() {
  built release-tests build/release edda || return 0
  pytest_part build/release 1500
}

# The program with the points at which it kills itself.
failpoints_part() {
  built release-tests build/release edda-failpoints || return 0
  program=edda-failpoints pytest_part build/release 1200 -c ../failpoints/pytest.ini ../failpoints
}

# Three nodes with all that they stand on, as ./run cluster starts them.
cluster_part() {
  built release-tests build/release edda || return 0
  pytest_part build/release 1500 -c ../cluster/pytest.ini ../cluster
}

# What the parts have in build/deploy and build/kubernetes at their peak (MB): measured for kubernetes, estimated for containers.
containers_disk=3500
kubernetes_disk=10500

# enough_disk PART...: fails where the disk would be full half-way, and says so. A kubelet takes no pod, and ends those it has, once less than 1 % of the whole
# disk is free.
enough_disk() {
  local wanted=" $* " needed=0 there size free
  case $wanted in *" containers "*) needed=$containers_disk ;; esac
  read -r size free < <(df --output=size,avail -B1M . | tail -n 1)
  case $wanted in *" kubernetes "*) needed=$((kubernetes_disk + size / 100)) ;; esac
  there=$(du -scBM build/deploy build/kubernetes 2>/dev/null | tail -n 1 | tr -dc '0-9')
  needed=$((needed - there))
  [ "$free" -lt "$needed" ] || return 0
  say "Not run: $((free / 1000)) GB free on the disk of $PWD, $(((needed + 999) / 1000)) GB needed."
  return 1
}

# prepare_deploy PART...: what those of ./test deploy cannot do without. Ends with 2, "not run", where it is missing: now, not half an hour later.
prepare_deploy() {
  local wanted=" $* "
  case $wanted in *" containers "* | *" kubernetes "*) ;; *) return 0 ;; esac
  [ "$(id -u)" = 0 ] || { say "Not run: the tests' own Docker engine and Kubernetes take root."; exit 2; }
  if [[ $wanted == *" kubernetes "* && ! -x ${K8S_DIR:-}/install.sh ]]; then
    say "Not run: K8S_DIR names no folder whose install.sh makes a Kubernetes for tests (docs/kubernetes.md)."
    exit 2
  fi
  enough_disk "$@" || exit 2
  install_packages deploy
  [[ $wanted == *" containers "* ]] || return 0
  EDDA_COMPOSE=$(tests/deploy/find_compose.sh) || exit 2
  export EDDA_COMPOSE
}

# The image and Compose, in a Docker engine of its own.
containers_part() {
  built release-tests build/release edda || return 0
  pytest_part build/release 1800 -c ../deploy/pytest.ini ../deploy
}

# The manifests, the chart and the Kubernetes scenarios, on a cluster of its own.
kubernetes_part() {
  built release-tests build/release edda || return 0
  tests_run=tests/deploy/kubernetes/run.sh pytest_part build/release 1800
}

soak_part() {
  # Every file by itself: other builds compile some at a time, where one may lean on its neighbour's includes.
  built dev build/dev edda_tests || return 0
  built release-tests build/release edda edda-sim || return 0
  local start
  start=$(date +%Y%m%d)000000
  sim_check "the simulation found something in the seeds from $start on (above)" \
    build/release/edda-sim --seeds 1000000 --seconds "${EDDA_SOAK_SECONDS:-600}" --start "$start"
  pytest_part build/release $((${EDDA_SOAK_SECONDS:-600} + 900)) -c ../soak/pytest.ini ../soak
}

coverage_part() {
  built coverage build/coverage edda_tests || return 0
  LLVM_PROFILE_FILE=build/coverage/tests-%p.profraw gtest_part build/coverage "Unit*:Contract*:*/Unit*:*/Contract*" 1200
  llvm-profdata-19 merge -o build/coverage/tests.profdata build/coverage/tests-*.profraw
  rm -f build/coverage/tests-*.profraw
  llvm-cov-19 report build/coverage/tests/edda_tests -instr-profile=build/coverage/tests.profdata src/core
}

# One thing that must hold: counted, and told when it does not.
sim_check() {
  local what=$1
  shift
  if "$@"; then
    part_passed=$((part_passed + 1))
  else
    part_failed=$((part_failed + 1))
    say "sim: $what"
  fi
}

caught() { # edda-sim ends with 1 when a check found the planted bug
  local status=0
  "$1" --bug "$2" --seeds 200 --start "${3:-1}" >"$4" 2>/dev/null || status=$?
  [ "$status" -eq 1 ] && grep -q "was caught by" "$4"
}

has_no_planted_bug() { # strings of the hooks and of the simulation
  ! grep -qaE 'edda::planted|cursor_past_unpublished|N4edda3sim|EDDA_FAILPOINT' "$1"
}

sim_part() {
  built release-tests build/release edda-sim edda || return 0
  local sim=build/release/edda-sim log=build/release/report-sim.txt bug
  # Seeds differ from day to day, so that the tests go on looking; what they find is replayed by the seed they print.
  local day=$(($(date +%s) / 86400))
  local start=${EDDA_SIM_START:-$((day * 1000000))}
  say "sim: seeds from $start (EDDA_SIM_START=$start ./test sim looks at the same ones again)"
  sim_check "the simulation found something (above)" timeout --kill-after=10 400 "$sim" --seeds 1000000 --seconds 180 --start "$start"
  while read -r bug _; do
    sim_check "the planted bug $bug was not caught within 200 seeds" caught "$sim" "$bug" 1 "$log"
  done < <("$sim" --list-bugs)
  sim_check "edda contains a planted bug or a failpoint" has_no_planted_bug build/release/edda
  built asan-ubsan build/asan-ubsan edda-sim || return 0
  sim_check "the simulation found something under the sanitizers (above)" timeout --kill-after=10 300 \
    build/asan-ubsan/edda-sim --seeds 1000000 --seconds 60 --start "$start"
}

run_part() {
  case $1 in
    unit | contract | http | architecture | regression)
      built release-tests build/release edda_tests || return 0
      local name=${1^}
      gtest_part build/release "$name*:*/$name*" 600
      ;;
    asan) sanitized asan-ubsan ;;
    tsan) sanitized tsan ;;
    system) system_part ;;
    failpoints) failpoints_part ;;
    soak) soak_part ;;
    cluster) cluster_part ;;
    containers) containers_part ;;
    kubernetes) kubernetes_part ;;
    sim) sim_part ;;
    coverage) coverage_part ;;
  esac
}
