# Sourced. private_apt FOLDER KIND SUITE: apt with its own sources, lists and cache in FOLDER, so that the system's stay as they are.
# KIND is deb or deb-src. It names no host: the mirror is the one this machine's own apt uses.
private_apt() {
  local folder=$1 kind=$2 suite=$3 mirror
  mirror=$(apt-get indextargets --format '$(SITE) $(COMPONENT) $(CODENAME) $(ORIGIN)' 'Created-By: Packages' |
    awk '$2 == "main" && $3 !~ /-/ && $4 == "Debian" { print $1; exit }')
  if [ -z "$mirror" ]; then
    echo "setup: apt knows no Debian mirror here; see 'other systems' in scripts/setup.sh" >&2
    return 1
  fi
  mkdir -p "$folder"/{lists,archives}/partial
  : > "$folder/status"
  echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$folder/sources.list"
  # The machine's apt.conf.d stays in force: it may hold a proxy.
  cat > "$folder/apt.conf" <<CONF
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$folder";
Dir::State::status "$folder/status";
Dir::Cache "$folder";
Acquire::Languages "none";
APT::Sandbox::User "";
CONF
  export APT_CONFIG=$folder/apt.conf
  apt-get -qq update
}
