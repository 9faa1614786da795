// Runs a fuzz target without libFuzzer: replays files, then mutates them at random for some seconds. Any finding ends
// the process. The seed is printed; with the same seed and files the same inputs are tried in the same order.
//
//     fuzz_validate [--seconds N] [--seed N] FOLDER...      fuzz_validate --write-seeds FOLDER

#include "fuzz_target.h"

#include "support/files.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>

namespace fs = std::filesystem;

namespace {

constexpr size_t max_input_size = 65536;
constexpr size_t n_pool_most    = 4096;

std::mt19937 byte_random;

struct options {
    double   seconds = 2;
    unsigned seed    = std::random_device()();
    std::string write_seeds;
    std::vector<std::string> folders;
};

options parse(int argc, char ** argv) {
    options out;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        const char * value = i + 1 < argc ? argv[i + 1] : "0";
        if (name == "--seconds") {
            out.seconds = atof(value);
        } else if (name == "--seed") {
            out.seed = (unsigned) strtoul(value, nullptr, 10);
        } else if (name == "--write-seeds") {
            out.write_seeds = value;
        } else {
            out.folders.push_back(name);
            continue;
        }
        i++;
    }
    return out;
}

std::vector<std::string> files_in(const std::vector<std::string> & folders) {
    std::vector<std::string> out;
    for (const std::string & folder : folders) {
        for (const fs::directory_entry & entry : fs::directory_iterator(folder)) {
            if (entry.is_regular_file() && entry.path().filename().string()[0] != '.') {
                out.push_back(entry.path().string());
            }
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

void write_seed_files(const std::string & folder) {
    int n = 0;
    for (const bytes & seed : fuzz_seeds()) {
        write_file(folder + "/seed-" + std::to_string(n++), seed);
    }
}

// An exact copy, so that sanitizers see a byte too many.
void run_one(const bytes & input) {
    const bytes exact(input.begin(), input.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

size_t mutate_for(double seconds, unsigned seed, std::vector<bytes> pool) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    std::mt19937 random(seed);
    byte_random.seed(seed);
    size_t n = 0;
    for (; std::chrono::steady_clock::now() < end; ++n) {
        bytes input = pool[random() % pool.size()];
        const size_t size = input.size();
        input.resize(std::max(max_input_size, size));
        input.resize(LLVMFuzzerCustomMutator(input.data(), size, input.size(), random()));
        run_one(input);
        if (pool.size() < n_pool_most && random() % 16 == 0) {
            pool.push_back(input); // changes pile up
        }
    }
    return n;
}

} // namespace

// The mutator of those who have no libFuzzer.
size_t LLVMFuzzerMutate(uint8_t * data, size_t size, size_t max_size) {
    const size_t at = size > 0 ? byte_random() % size : 0;
    switch (byte_random() % 5) {
        case 0:
            if (size > 0) {
                data[at] ^= (uint8_t) (1u << byte_random() % 8);
            }
            return size;
        case 1:
            if (size > 0) {
                data[at] = (uint8_t) byte_random();
            }
            return size;
        case 2: // shorter
            return at;
        case 3: // a byte more
            if (size < max_size) {
                memmove(data + at + 1, data + at, size - at);
                return size + 1;
            }
            return size;
        default: // four bytes less, as if a field were missing
            if (size - at >= 4) {
                memmove(data + at, data + at + 4, size - at - 4);
                return size - 4;
            }
            return size;
    }
}

int main(int argc, char ** argv) {
    const options o = parse(argc, argv);
    LLVMFuzzerInitialize(&argc, &argv);
    if (!o.write_seeds.empty()) {
        write_seed_files(o.write_seeds);
        return 0;
    }
    std::vector<bytes> pool = fuzz_seeds();
    for (const std::string & path : files_in(o.folders)) {
        pool.push_back(read_file(path));
    }
    for (const bytes & input : pool) {
        run_one(input);
    }
    printf("%zu inputs replayed; seed %u\n", pool.size(), o.seed);
    fflush(stdout);
    const size_t n = mutate_for(o.seconds, o.seed, pool);
    printf("%zu mutated inputs in %.0f s\n%zu passed, 0 failed\n", n, o.seconds, pool.size() + 1);
    return 0;
}
