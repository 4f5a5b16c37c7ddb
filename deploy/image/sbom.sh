#!/bin/sh
# sbom.sh THIRD_PARTY_NOTICES.md: what is in the image this runs in, as SPDX 2.3 JSON: Debian's packages from dpkg's own record, what is
# compiled into the program from the notices' table "In the binary", and Edda. VERSION, REVISION and CREATED come from the environment.
set -eu
notices=$1

# name|version|licence, a line for each row of the table.
compiled_in() {
  awk -F ' *[|] *' '
    /^## / { inside = ($0 == "## In the binary") }
    inside && /^\| \[/ {
      name = $2; sub(/^\[/, "", name); sub(/\].*/, "", name); gsub(/[{}]/, "", name)
      licence = $4; sub(/,.*/, "", licence)
      print name "|" $3 "|" licence
    }' "$notices"
}

id_of() { printf '%s' "$1" | tr -c 'A-Za-z0-9.\n' '-'; }

package() { # ID NAME VERSION LICENCE SUPPLIER PURL|-
  reference=
  [ "$6" = - ] || reference=$(printf ',"externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"%s"}]' "$6")
  printf '%s{"SPDXID":"SPDXRef-%s","name":"%s","versionInfo":"%s","licenseDeclared":"%s","licenseConcluded":"NOASSERTION","copyrightText":"NOASSERTION","downloadLocation":"NOASSERTION","filesAnalyzed":false,"supplier":"%s"%s}' \
    "$comma" "$(id_of "$1")" "$2" "$3" "$4" "$5" "$reference"
  comma=',
'
  ids="$ids $(id_of "$1")"
}

comma=
ids=
# shellcheck disable=SC2153 # from the environment
printf '{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"edda-image-%s",\n' "$VERSION"
printf '"documentNamespace":"https://spdx.org/spdxdocs/edda-image-%s-%s",\n' "$VERSION" "$(cat /proc/sys/kernel/random/uuid)"
printf '"creationInfo":{"created":"%s","creators":["Tool: edda-deploy-image-sbom"]},\n"packages":[\n' "$CREATED"
package edda edda "$VERSION" MIT 'Organization: Edda' -
listing=$(mktemp)
compiled_in >"$listing"
[ -s "$listing" ] || { echo "sbom.sh: there is no table 'In the binary' in $notices" >&2; exit 1; }
while IFS='|' read -r name version licence; do
  package "in-edda-$name" "$name" "$version" "$licence" NOASSERTION -
done <"$listing"
# shellcheck disable=SC2016 # dpkg's own placeholders
dpkg-query -W -f '${Package}|${Version}|${Architecture}|${db:Status-Status}\n' >"$listing"
while IFS='|' read -r name version architecture status; do
  [ "$status" = installed ] || continue
  package "debian-$name" "$name" "$version" NOASSERTION 'Organization: Debian' \
    "pkg:deb/debian/$name@$(printf '%s' "$version" | sed 's/+/%2B/g; s/:/%3A/g; s/~/%7E/g')?arch=$architecture&distro=debian-12"
done <"$listing"
rm -f "$listing"
printf '\n],"relationships":[\n{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-edda"}'
for id in $ids; do
  case $id in
    in-edda-*) printf ',\n{"spdxElementId":"SPDXRef-edda","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-%s"}' "$id" ;;
    debian-*) printf ',\n{"spdxElementId":"SPDXRef-edda","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-%s"}' "$id" ;;
  esac
done
printf '\n]}\n'
