// Small parts that need no file: hash, checked reading, positions, error names, the function table.

#include "byte_reader.h"
#include "cell_positions.h"
#include "harness.h"
#include "llama_state_mmap.h"
#include "xxh64.h"

#include <algorithm>
#include <cstring>
#include <set>

TEST("XXH64 gives the published values, for every length of input") {
    const auto hash = [](const char * text, uint64_t seed) { return lsm::xxh64((const uint8_t *) text, strlen(text), seed); };
    CHECK(hash("", 0) == 0xEF46DB3751D8E999ULL);
    CHECK(hash("a", 0) == 0xD24EC4F1A98C6E5BULL);
    CHECK(hash("abc", 0) == 0x44BC2CF5AD770999ULL);
    CHECK(hash("Nobody inspects the spammish repetition", 0) == 0xFBCEA83C8A378BF1ULL);
    std::set<uint64_t> seen;
    const std::vector<uint8_t> zeros(200);
    for (size_t n = 0; n <= zeros.size(); ++n) {
        CHECK(seen.insert(lsm::xxh64(zeros.data(), n, 0)).second);
    }
}

TEST("XXH64 of pieces is that of the whole, however it is cut") {
    std::vector<uint8_t> data(500);
    for (size_t i = 0; i < data.size(); ++i) {
        data[i] = (uint8_t) (i * i + 3);
    }
    for (size_t first = 0; first <= 100; ++first) {
        for (const size_t piece : { 1, 7, 31, 32, 33, 64, 500 }) {
            lsm::xxh64_stream stream(42);
            stream.update(data.data(), first);
            CHECK(stream.digest() == lsm::xxh64(data.data(), first, 42)); // and it can go on
            for (size_t at = first; at < data.size(); at += piece) {
                stream.update(data.data() + at, std::min(piece, data.size() - at));
            }
            CHECK(stream.digest() == lsm::xxh64(data.data(), data.size(), 42));
        }
    }
}

TEST("a byte reader never reads or skips beyond its end, whatever it is asked") {
    const uint8_t data[16] = { 1, 0, 0, 0, 2 };
    lsm::byte_reader in(data, sizeof(data));
    uint32_t a = 0;
    uint64_t b = 0;
    CHECK(in.read(a) && a == 1);
    CHECK(in.read(b) && b == 2);
    CHECK(!in.read(b));
    CHECK_EQUAL(in.left(), 4u);
    CHECK(!in.skip(5));
    CHECK(!in.skip(UINT64_MAX));
    CHECK(!in.skip_rows(UINT64_MAX, UINT64_MAX));
    CHECK(!in.skip_rows(1ull << 32, 1ull << 32)); // the product is 0 modulo 2^64
    CHECK(!in.skip_rows(2, 3));
    CHECK(in.skip_rows(0, UINT64_MAX));
    CHECK(in.skip_rows(2, 2));
    CHECK_EQUAL(in.left(), 0u);
}

static bool are_good(const std::vector<llama_pos> & list, bool allow_gaps = false) {
    lsm::cell_positions positions(2);
    for (const llama_pos pos : list) {
        positions.extend(1, pos);
    }
    if (!positions.reserve(allow_gaps)) {
        return false;
    }
    for (const llama_pos pos : list) {
        if (!positions.insert(1, pos)) {
            return false;
        }
    }
    return true;
}

TEST("positions must be distinct and contiguous, in any order, from anywhere") {
    CHECK(are_good({}));
    CHECK(are_good({ 7 }));
    CHECK(are_good({ 5, 3, 4 }));
    CHECK(!are_good({ 3, 5 }));
    CHECK(!are_good({ 3, 3 }));
    CHECK(!are_good({ 3, 5, 3 })); // as many as positions in the range
    CHECK(!are_good({ 0, 1 << 29 }));
    CHECK(are_good({ 3, 5 }, true));
    CHECK(!are_good({ 3, 5, 3 }, true));
    CHECK(!are_good({ 0, 1 << 29 }, true)); // may not claim memory for the gap
}

TEST("every error code has a name of its own") {
    std::set<std::string> names;
    for (int code = 0; code <= LLAMA_STATE_MMAP_NO_MEMORY; ++code) {
        const std::string name = llama_state_mmap_error_name((llama_state_mmap_error) code);
        CHECK_BECAUSE(name != "unknown" && names.insert(name).second, name);
    }
    CHECK(std::string(llama_state_mmap_error_name((llama_state_mmap_error) 999)) == "unknown");
}

TEST("without the table of llama.cpp functions every call says so") {
    const auto ctx = (llama_context *) (uintptr_t) 1; // never looked into
    CHECK(llama_state_mmap_open(ctx, "/nowhere") == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NO_API);
    CHECK_EQUAL(llama_state_size_max(ctx), 0u);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NO_API);
    const llama_state_mmap_llama_api incomplete = {};
    CHECK(!llama_state_mmap_set_api(&incomplete));
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NO_API);
    CHECK(!llama_state_mmap_set_api(nullptr));
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_BAD_ARGUMENT);
    CHECK(llama_state_mmap_supported());
}

int main() {
    return harness::run_tests();
}
