#include "fuzz_target.h"

#include <algorithm>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::string new_folder() {
    for (const char * parent : { "/dev/shm", "/tmp" }) {
        std::string pattern = std::string(parent) + "/warmfork-fuzz-XXXXXX";
        if (mkdtemp(pattern.data())) {
            return pattern;
        }
    }
    perror("cannot create a temporary folder");
    abort();
}

unsigned long n_inputs = 0;
unsigned long n_good   = 0;

void print_counts() {
    printf("%lu inputs, %lu of them good sessions\n", n_inputs, n_good);
}

} // namespace

void count_input(bool is_good) {
    if (n_inputs++ == 0) {
        atexit(print_counts);
    }
    n_good += is_good ? 1 : 0;
}

fuzz_file::fuzz_file() : folder(new_folder()), name(folder + "/input") {
    fd = open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

fuzz_file::~fuzz_file() {
    close(fd);
    unlink(name.c_str());
    rmdir(folder.c_str());
}

void fuzz_file::write(const uint8_t * data, size_t size) {
    const bool done = ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t) size;
    if (!done) {
        perror("cannot write the input's file");
        abort();
    }
}

size_t fuzz_file::size() const {
    struct stat st = {};
    fstat(fd, &st);
    return (size_t) st.st_size;
}

bool fuzz_file::equals(const uint8_t * data, size_t size) const {
    std::vector<uint8_t> got(size);
    return pread(fd, got.data(), size, 0) == (ssize_t) size && (size == 0 || memcmp(got.data(), data, size) == 0);
}

// Half of the changes are libFuzzer's own; the rest knows the format.
size_t LLVMFuzzerCustomMutator(uint8_t * data, size_t size, size_t max_size, unsigned int seed) {
    std::mt19937 random(seed);
    const unsigned how = random() % 8;
    if (size < 2 || how == 0) { // a new file, perhaps for another context
        data[0] = (uint8_t) random();
        size = 1;
    }
    const fuzz_subject & subject = subject_of(data[0]);
    if (how >= 4 && size > 1) {
        size = 1 + LLVMFuzzerMutate(data + 1, size - 1, max_size - 1);
    }
    std::vector<uint8_t> file(data + 1, data + size);
    if (size == 1) {
        file = random_session(subject, random);
    }
    if (how >= 6) {
        repair_header(subject, file, random);
    }
    if (how == 1 || how == 2 || how == 7) {
        tell_a_lie(subject, file, random);
    }
    if (how == 3) {
        data[0] = (uint8_t) random();
    }
    file.resize(std::min(file.size(), max_size - 1));
    std::copy(file.begin(), file.end(), data + 1);
    return 1 + file.size();
}
