#!/usr/bin/env bash
# Builds llama-server, the peer of the benchmarks, from the llama.cpp sources inside node-llama-cpp
# (no network), and prints its path. llama-bench comes to lie beside it. Done once per release: kept
# in the user's cache folder.
#
# It runs on the prebuilt libllama and kernels that Warmfork runs on, so that both calculate at the
# same speed; where node-llama-cpp has none for this system it runs on those built here.
#
# usage: bench/build-llama-server.sh [--jobs N]
set -euo pipefail

jobs=2
if [[ "${1:-}" == "--jobs" ]]; then
  jobs="${2:?--jobs needs a number}"
elif [[ $# -gt 0 ]]; then
  echo "build-llama-server: unknown argument '$1'; usage: $0 [--jobs N]" >&2
  exit 2
fi

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
llama="$root/node_modules/node-llama-cpp/llama"
if [[ ! -f "$llama/gitRelease.bundle" ]]; then
  echo "build-llama-server: $llama/gitRelease.bundle is missing; run npm install first" >&2
  exit 1
fi

release="$(sed -n 's/.*"release": *"\([^"]*\)".*/\1/p' "$llama/binariesGithubRelease.json")"
folder="${XDG_CACHE_HOME:-$HOME/.cache}/warmfork/llama-server-$release"
server="$folder/build/bin/llama-server"
isDone() {
  [[ -f "$folder/done" && -x "$server" && -x "$folder/build/bin/llama-bench" ]]
}
if isDone; then
  echo "$server"
  exit 0
fi

# Puts the prebuilt libraries in the place of those that were built; fails where there are none.
usePrebuilt() {
  [[ "$(uname -s)" == Linux ]] || return 1
  local arch
  case "$(uname -m)" in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) return 1 ;;
  esac
  local prebuilt="$root/node_modules/@node-llama-cpp/linux-$arch/bins/linux-$arch"
  local bin="$folder/build/bin" library name
  [[ -f "$prebuilt/libllama.$release.so" ]] || return 1
  for library in "$bin"/lib{llama,ggml,ggml-base}.so*; do
    name="$(basename "$library")"
    name="${name%%.so*}"
    if [[ -f "$prebuilt/$name.$release.so" ]]; then
      cp --remove-destination "$prebuilt/$name.$release.so" "$library"
    else
      cp --remove-destination "$prebuilt/$name.so" "$library"
    fi
  done
  cp "$prebuilt"/*.so "$bin/"
}

mkdir -p "$folder"
exec 9> "$folder/lock"
if command -v flock > /dev/null; then
  flock 9
  if isDone; then
    echo "$server"
    exit 0
  fi
fi

{
  if [[ ! -f "$folder/source/CMakeLists.txt" ]]; then
    rm -rf "$folder/source"
    git clone --quiet --depth=1 "file://$llama/gitRelease.bundle" "$folder/source" ||
      git clone --quiet "$llama/gitRelease.bundle" "$folder/source"
  fi
  # Backends are loaded at run time, as Warmfork does it. No web UI, TLS, tests or examples.
  cmake -S "$folder/source" -B "$folder/build" \
    -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON -DGGML_BACKEND_DL=ON -DGGML_NATIVE=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
    -DLLAMA_BUILD_TOOLS=ON -DLLAMA_BUILD_SERVER=ON \
    -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF \
    -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF
  nice -n 15 cmake --build "$folder/build" --target llama-server llama-bench -j "$jobs"
  usePrebuilt || nice -n 15 cmake --build "$folder/build" --target ggml-cpu -j "$jobs"
} >&2
touch "$folder/done"
echo "$server"
