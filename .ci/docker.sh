# shellcheck shell=bash
# Sourced by .ci/run: Docker for a Debian that may not have it.

dockerd_pid=
dockerd_log=

install_docker() {
  local missing=()
  command -v dockerd > /dev/null || missing+=(docker.io)
  command -v iptables > /dev/null || missing+=(iptables)
  command -v mmdebstrap > /dev/null || missing+=(mmdebstrap)
  if ((${#missing[@]} == 0)); then return 0; fi

  apt-get update --quiet
  DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
}

docker_answers() {
  docker version > /dev/null 2>&1
}

start_docker() {
  if docker_answers; then return 0; fi

  dockerd_log=$(mktemp)
  dockerd < /dev/null > "$dockerd_log" 2>&1 &
  dockerd_pid=$!
  for _ in {1..300}; do
    if docker_answers; then return 0; fi
    if ! kill -0 "$dockerd_pid" 2> /dev/null; then break; fi
    sleep 0.2
  done
  echo "dockerd did not start:" >&2
  tail -n 20 "$dockerd_log" >&2
  return 1
}

# Prints the name of an image of NATS that is made of Debian's own package, for examples/extra-container.
nats_image() {
  local image=mayfly-nats:2 archive status=0
  if [[ -z $(docker image ls --quiet "$image") ]]; then
    archive=$(mktemp)
    mmdebstrap --variant=extract --include=nats-server,base-files,dash --components=main --format=tar trixie "$archive" >&2 &&
      docker import --change 'ENTRYPOINT ["nats-server"]' "$archive" "$image" >&2 || status=$?
    rm -f "$archive"
  fi
  echo "$image"
  return "$status"
}

# Only the daemon that start_docker started.
stop_docker() {
  if [[ -z $dockerd_pid ]]; then return 0; fi
  kill "$dockerd_pid" 2> /dev/null || true
  wait "$dockerd_pid" || true
  rm -f "$dockerd_log"
}
