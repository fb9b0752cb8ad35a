# What test/lab/lab and test/lab/release share, by `source`: packages of another Debian release, by this machine's apt and not installed.

mirror() {
  local found
  found=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | awk '/^URIs:/{print $2; exit} $1=="deb"{for(i=2;i<=NF;i++) if($i~/^[a-z]+:/){print $i; exit}}')
  [[ $found ]] || die "no Debian mirror in apt's sources"
  echo "$found"
}

# Sets APT, the options by which apt-get knows that release and keeps all of its own below DIR. Its lists are empty before `apt-get update`.
set_apt() { # RELEASE DIR
  local release=$1 dir=$2 key=/usr/share/keyrings/debian-archive-keyring.gpg
  mkdir -p "$dir"/{lists,cache/archives}/partial
  if [[ -e $key ]]; then key="[signed-by=$key]"; else key=; fi
  echo "deb $key $(mirror) $release main" >"$dir/sources.list"
  APT=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache")
}
