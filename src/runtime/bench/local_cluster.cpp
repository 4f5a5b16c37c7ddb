#include "bench/local_cluster.hpp"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/split.hpp>
#include <fstream>
#include <sstream>

#include "cli/http_client.hpp"

extern char** environ;

namespace edda::bench {
namespace {

using std::chrono::seconds;
namespace fs = std::filesystem;

constexpr seconds up_limit{240};
constexpr seconds query_limit{60};
constexpr seconds settle_limit{120};

/// tools/cluster.sh of the checkout in which this program was built, or of the one in which it is called.
Result<fs::path> find_script() {
  for (fs::path place : {fs::read_symlink("/proc/self/exe"), fs::current_path() / "x"}) {
    while (place.has_relative_path()) {
      place = place.parent_path();
      if (fs::exists(place / "tools/cluster.sh")) return place / "tools/cluster.sh";
    }
  }
  return fail(Errc::unavailable, "The suite starts nodes by tools/cluster.sh, which is in Edda's repository: call it from there.");
}

Result<void> check_programs() {
  std::vector<std::string> missing;
  const auto look = [&](const std::string& program, std::initializer_list<const char*> places) {
    const bool found = std::ranges::any_of(places, [&](const char* place) { return fs::exists(fs::path(place) / program); });
    if (!found) missing.push_back(program);
  };
  for (const char* program : {"postgres", "psql", "pg_dump", "pgbench"}) look(program, {"/usr/lib/postgresql/15/bin"});
  for (const char* program : {"redis-server", "nginx", "java", "mvn"}) look(program, {"/usr/bin", "/usr/sbin", "/usr/local/bin"});
  if (missing.empty()) return {};
  return fail(Errc::unavailable, fmt::format("The suite needs {}, which is not here; ./run cluster up installs what is missing.", fmt::join(missing, ", ")));
}

Result<std::vector<std::string>> own_environment(const fs::path& folder, int shards) {
  std::vector<std::string> all = plain_environment();
  const std::string program = fs::read_symlink("/proc/self/exe");
  all.insert(all.end(), {"EDDA_BIN=" + program, "CLUSTER_FOLDER=" + folder.string(), "EDDA_MODE=development", "LOG_LEVEL=warn",
                         "CLUSTER_PAYSIM_ARGUMENTS=--success-rate=1,--latency-min-ms=0,--latency-max-ms=0",
                         "EDDA_AUTH_REGISTRATIONS_PER_ADDRESS=1000000", fmt::format("EDDA_DATABASE_SHARDS={}", shards)});
  for (const char* name : {"NGINX_PORT", "POSTGRES_PORT", "REDIS_PORT", "KAFKA_PORT", "KAFKA_CONTROLLER_PORT", "PAYSIM_PORT"}) {
    TRY(const auto port, free_port());
    all.push_back(fmt::format("CLUSTER_{}={}", name, port));
  }
  std::array<std::uint16_t, 3> nodes{};
  for (auto& port : nodes) {
    TRY(port, free_port());
  }
  all.push_back(fmt::format("CLUSTER_NODE_PORTS={}", fmt::join(nodes, ",")));
  return all;
}

std::vector<std::string> whole_environment(const fs::path& folder) {
  std::vector<std::string> all{"CLUSTER_FOLDER=" + folder.string()};
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("CLUSTER_FOLDER=")) all.emplace_back(*variable);
  return all;
}

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

std::string postgres_program(const std::string& name) { return "/usr/lib/postgresql/15/bin/" + name; }

Result<std::unique_ptr<LocalCluster>> LocalCluster::start(const fs::path& folder, int shards) {
  TRY_VOID(check_programs());
  TRY(auto script, find_script());
  TRY(auto environment, own_environment(folder, shards));
  std::unique_ptr<LocalCluster> cluster(new LocalCluster(folder, std::move(script), std::move(environment)));
  TRY_VOID(cluster->guard());
  TRY_VOID(cluster->up());
  TRY_VOID(cluster->read_settings());
  return cluster;
}

Result<std::unique_ptr<LocalCluster>> LocalCluster::join(const fs::path& folder) {
  TRY_VOID(check_programs());
  TRY(auto script, find_script());
  const fs::path whole = fs::absolute(folder);
  std::unique_ptr<LocalCluster> cluster(new LocalCluster(whole, std::move(script), whole_environment(whole)));
  if (!fs::exists(whole / "settings")) return fail(Errc::not_found, "No cluster was started in " + whole.string(), "--cluster");
  const auto status = run_program({cluster->script_, "status"}, cluster->environment_, up_limit);
  if (!status || status->exit_code != 0) return fail(Errc::unavailable, "The cluster in " + whole.string() + " is not up", "--cluster");
  TRY_VOID(cluster->read_settings());
  return cluster;
}

LocalCluster::~LocalCluster() {
  if (guarded_ < 0) return;
  ::close(guarded_);
  ::waitpid(guard_, nullptr, 0);
}

/// A process in a session of its own that waits for the end of this one and then ends the cluster: so it ends whatever becomes of us.
Result<void> LocalCluster::guard() {
  std::array<int, 2> life{-1, -1};
  if (::pipe2(life.data(), O_CLOEXEC) != 0) return fail(Errc::unavailable, "no pipe can be made");
  std::vector<std::string> words{"bash", "-c", "read -r _; \"$0\" down >/dev/null 2>&1 && rm -rf \"$1\"", script_, folder_};
  std::vector<std::string> variables = environment_;
  std::vector<char*> arguments, names;
  for (auto& word : words) arguments.push_back(word.data());
  for (auto& variable : variables) names.push_back(variable.data());
  arguments.push_back(nullptr);
  names.push_back(nullptr);
  guard_ = ::fork();
  if (guard_ == 0) {
    ::setsid();
    ::dup2(life[0], STDIN_FILENO);
    ::execvpe("bash", arguments.data(), names.data());
    ::_exit(127);
  }
  ::close(life[0]);
  guarded_ = life[1];
  if (guard_ < 0) return fail(Errc::unavailable, "no process can be started");
  return {};
}

Result<void> LocalCluster::read_settings() {
  std::ifstream file(folder_ / "settings");
  for (std::string line; std::getline(file, line);) {
    const auto equals = line.find('=');
    if (equals != std::string::npos) settings_[line.substr(0, equals)] = line.substr(equals + 1);
  }
  if (!("," + settings_["BACKING"] + ",").contains(",postgres,"))
    return fail(Errc::unavailable, "The cluster in " + folder_.string() + " has no PostgreSQL", "--cluster");
  TRY(front_, Target::parse("http://127.0.0.1:" + settings_["NGINX_PORT"], false));
  std::istringstream ports(settings_["NODE_PORTS"]);
  for (std::string port; std::getline(ports, port, ',');) {
    TRY(auto node, Target::parse("http://127.0.0.1:" + port, false));
    nodes_.push_back(std::move(node));
  }
  return {};
}

Result<void> LocalCluster::up() {
  TRY_VOID(must_run({script_, "up"}, environment_, up_limit));
  return {};
}

Result<void> LocalCluster::signal(const std::string& server, int signal) const {
  const std::string line = first_line(folder_ / "run" / (server + ".pid"));
  const auto process = static_cast<pid_t>(std::strtol(line.c_str(), nullptr, 10));
  if (process <= 0 || ::kill(process, signal) != 0) return fail(Errc::not_found, server + " does not run");
  return {};
}

Result<double> LocalCluster::metric(std::size_t node, const std::string& name) const {
  TRY(auto endpoint, cli::parse_endpoint(nodes_.at(node).url));
  TRY(const auto answer, cli::HttpClient(std::move(endpoint)).request("GET", "/metrics", {}, {}));
  std::istringstream text(answer.body);
  std::optional<double> sum;
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with(name) || (line[name.size()] != ' ' && line[name.size()] != '{')) continue;
    sum = sum.value_or(0) + std::strtod(line.c_str() + line.rfind(' '), nullptr);
  }
  if (!sum) return fail(Errc::not_found, "no such metric: " + name);
  return *sum;
}

std::vector<std::string> LocalCluster::database_environment(const std::string& database) const {
  std::vector<std::string> all = plain_environment();
  all.insert(all.end(), {"PGHOST=127.0.0.1", "PGPORT=" + settings_.at("POSTGRES_PORT"), "PGUSER=postgres", "PGDATABASE=" + database,
                         "PGPASSWORD=" + first_line(folder_ / "secrets/postgres"), "PGCONNECT_TIMEOUT=5",
                         "PGOPTIONS=-c search_path=edda -c jit=off -c client_min_messages=warning"});
  return all;
}

Result<std::vector<LocalCluster::Row>> LocalCluster::query(const std::string& sql) const {
  TRY(const auto text, must_run({postgres_program("psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--command=" + sql},
                                database_environment("edda"), query_limit));
  std::vector<Row> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) boost::split(rows.emplace_back(), line, boost::is_any_of("|"));
  return rows;
}

Result<void> LocalCluster::settle() const {
  TRY_VOID(must_run({postgres_program("vacuumdb"), "--all", "--quiet"}, database_environment("edda"), settle_limit));
  TRY_VOID(query("CHECKPOINT"));
  return {};
}

Result<LocalCluster::Row> LocalCluster::query_row(const std::string& sql, std::size_t columns) const {
  TRY(auto rows, query(sql));
  if (rows.size() != 1 || rows.front().size() != columns) return fail(Errc::unavailable, "PostgreSQL did not answer as it should: " + sql);
  return std::move(rows.front());
}

}  // namespace edda::bench
