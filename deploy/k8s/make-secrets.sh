#!/usr/bin/env bash
# make-secrets.sh [NAMESPACE] [KEY=VALUE | KEY=@FILE]...: makes the Secret `edda` in NAMESPACE (default: edda), once. Passwords that are not
# given are random; what is there already stays as it is, so it may be run again. Nothing is written to a file. KUBECTL names another kubectl.
#   deploy/k8s/make-secrets.sh
#   deploy/k8s/make-secrets.sh edda database-password=@db.txt redis-password=@redis.txt kafka-password=@kafka.txt gateway-secret=@gateway.txt \
#     database-ca.crt=@ca.pem redis-ca.crt=@ca.pem kafka-ca.crt=@ca.pem
set -euo pipefail
namespace=edda
if [ $# -gt 0 ] && [[ $1 != *=* ]]; then
  case $1 in -*) sed -n 2,6p "$0" >&2; exit 2 ;; esac
  namespace=$1
  shift
fi
read -ra kubectl <<<"${KUBECTL:-kubectl}"
k() { "${kubectl[@]}" --namespace "$namespace" "$@"; }
# Letters and digits: good in a URL, a command line and a redis.conf.
random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

"${kubectl[@]}" get namespace "$namespace" >/dev/null 2>&1 || "${kubectl[@]}" create namespace "$namespace" >/dev/null
# shellcheck disable=SC2016 # a template of kubectl
there=$(k get secret edda --ignore-not-found --output 'go-template={{range $key, $value := .data}}{{$key}}{{"\n"}}{{end}}')
declare -A wanted
for key in admin-password database-password redis-password gateway-secret; do wanted[$key]=$(random); done
for pair in "$@"; do
  value=${pair#*=}
  case $value in @*) value=$(<"${value#@}") ;; esac
  wanted[${pair%%=*}]=$value
done

data="" made=""
for key in "${!wanted[@]}"; do
  if grep -qxF "$key" <<<"$there"; then continue; fi
  data+="  $key: $(printf %s "${wanted[$key]}" | base64 --wrap 0)"$'\n'
  made+=" $key"
done
if [ -z "$made" ]; then
  echo "The Secret edda in namespace $namespace has all of it already."
  exit
fi
# Through standard input: a command line can be read by everybody. Server-side: what others put in stays.
k apply --server-side --field-manager=edda-make-secrets-"$(date +%s)" --filename - >/dev/null <<END
apiVersion: v1
kind: Secret
metadata:
  name: edda
  labels:
    app.kubernetes.io/name: edda
    app.kubernetes.io/instance: edda
    app.kubernetes.io/part-of: edda
type: Opaque
data:
$data
END
echo "Made in Secret edda, namespace $namespace:$made"
echo "The administrator's password: ${KUBECTL:-kubectl} -n $namespace get secret edda -o 'jsonpath={.data.admin-password}' | base64 -d"
