# A CycloneDX bill of materials. Input: the program's deps.json. Arguments: $version, $arch, $debs (lines of name, version, architecture).
def purl(type; name; version): "pkg:\(type)/\(name)@\(version | @uri)";
{
  bomFormat: "CycloneDX",
  specVersion: "1.5",
  version: 1,
  metadata: {
    component: {type: "container", name: "juoku", version: $version, "bom-ref": "juoku", licenses: [{license: {id: "Apache-2.0"}}]},
    properties: [{name: "architecture", value: $arch}]
  },
  components: (
    [
      .libraries | to_entries[] | select(.value.type == "package" or .value.type == "runtimepack")
      | (.key | split("/")) as [$name, $version]
      | ($name | ltrimstr("runtimepack.")) as $name
      | {type: "library", name: $name, version: $version, purl: purl("nuget"; $name; $version)}
      + {"bom-ref": purl("nuget"; $name; $version)}
      + if (.value.sha512 // "") == "" then {} else {properties: [{name: "nuget:sha512", value: (.value.sha512 | ltrimstr("sha512-"))}]} end
    ] + [
      $debs | split("\n")[] | select(. != "") | split(" ") as [$name, $version, $architecture]
      | (purl("deb/debian"; $name; $version) + "?arch=\($architecture)&distro=debian-12") as $purl
      | {type: "library", name: $name, version: $version, purl: $purl, "bom-ref": $purl}
    ] | sort_by(.purl)
  )
}
