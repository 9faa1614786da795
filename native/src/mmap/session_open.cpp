#include "session.h"

#include "counters.h"
#include "report.h"

#include <algorithm>
#include <cstring>
#include <vector>

llama_state_mmap::llama_state_mmap(lsm::state_kind kind, lsm::map_mode mode, std::unique_ptr<lsm::mapped_file> file)
    : kind(kind), mode(mode), file(std::move(file)) {
    lsm::count.n_open++;
}

llama_state_mmap::~llama_state_mmap() {
    lsm::count.n_open--;
}

namespace lsm {

namespace {

// Before a writer extends a file: what is not ours is left alone.
bool check_may_overwrite(const mapped_file & file, state_kind kind) {
    uint8_t head[header_size] = {};
    const size_t n = std::min(sizeof(head), file.file_size());
    if (!file.read_at(0, head, n)) {
        return false;
    }
    check_header(kind, head, n);
    if (report_code() == LLAMA_STATE_MMAP_BAD_MAGIC) {
        return false;
    }
    report_clear(); // an absent or outdated content is what a writer replaces
    return true;
}

enum class finding { valid, invalid, changing };

// Whether the file still reads as its snapshot does. A writer was alive while the snapshot was taken: if it saved
// meanwhile, the snapshot may be half of one session and half of another.
finding compare_again(const mapped_file & file, size_t size) {
    std::vector<uint8_t> again(std::min(size, (size_t) 1 << 16));
    for (size_t at = 0; at < size; at += again.size()) {
        const size_t n = std::min(again.size(), size - at);
        if (!file.read_at(at, again.data(), n)) {
            return report_code() == LLAMA_STATE_MMAP_BAD_SIZE ? finding::changing : finding::invalid;
        }
        count.bytes_copied += n;
        if (memcmp(again.data(), file.data() + at, n) != 0) {
            return finding::changing;
        }
    }
    return finding::valid;
}

// The length is from before the copy; a content that is cut off there may go on.
bool has_grown(const mapped_file & file) {
    uint8_t next;
    return file.read_at(file.file_size(), &next, sizeof(next));
}

finding read_content(const calibration & known, llama_state_mmap & map) {
    const mapped_file & file = *map.file;
    if (map.mode != map_mode::read_write && !file.is_snapshot()) {
        // the check touches pages all over the file, and a load wants the rest
        map.feeder = std::make_unique<page_feeder>(file.data(), file.file_size());
    }
    const bool is_valid = check_content(known, map.kind, file.data(), file.file_size(), map.content);
    if (!file.is_snapshot() || report_code() == LLAMA_STATE_MMAP_ABSENT) {
        return is_valid ? finding::valid : finding::invalid;
    }
    const finding again = compare_again(file, is_valid ? map.content.size : file.file_size());
    if (again != finding::valid || is_valid) {
        return again;
    }
    if (has_grown(file)) {
        return finding::changing;
    }
    check_content(known, map.kind, file.data(), file.file_size(), map.content); // what is wrong with it, again
    return finding::invalid;
}

struct opening {
    std::unique_ptr<llama_state_mmap> map;
    bool is_changing = false; // a writer is at work: worth another attempt
};

opening open_once(const calibration & known, const char * path, state_kind kind, map_mode mode, size_t room) {
    std::unique_ptr<mapped_file> file = mapped_file::open(path, mode);
    const bool writer = mode == map_mode::read_write;
    if (!file || (writer && !check_may_overwrite(*file, kind))) {
        count.n_rejected += file ? 1 : 0;
        return {};
    }
    if (!file->map(room)) {
        // a snapshot ends early when the writer trims the file meanwhile
        return { nullptr, !writer && report_code() == LLAMA_STATE_MMAP_BAD_SIZE };
    }
    auto map = std::make_unique<llama_state_mmap>(kind, mode, std::move(file));
    const finding found = read_content(known, *map);
    if (found == finding::valid) {
        return { std::move(map), false };
    }
    if (found == finding::changing) {
        return { nullptr, true };
    }
    count.n_rejected += report_code() == LLAMA_STATE_MMAP_ABSENT ? 0 : 1;
    map->content = {};
    if (!writer) {
        return {};
    }
    report_clear(); // a load will say why
    return { std::move(map), false };
}

} // namespace

bool check_seq_id(const calibration & known, llama_seq_id seq_id) {
    return (seq_id >= 0 && (uint32_t) seq_id < known.limits.n_seq_max)
        || fail(LLAMA_STATE_MMAP_BAD_ARGUMENT, "sequence id %d is outside [0, %u)", seq_id, known.limits.n_seq_max);
}

std::unique_ptr<llama_state_mmap> session_open(const calibration & known, const char * path, state_kind kind, map_mode mode, size_t room) {
    constexpr int n_attempts = 4;
    for (int i = 0; i < n_attempts; ++i) {
        report_clear();
        opening found = open_once(known, path, kind, mode, room);
        if (!found.is_changing) {
            return std::move(found.map);
        }
    }
    fail(LLAMA_STATE_MMAP_ABSENT, "'%s' is being saved by another session; try again", path);
    return nullptr;
}

bool session_sync(llama_state_mmap & map) {
    if (map.mode != map_mode::read_write) {
        return fail(LLAMA_STATE_MMAP_READ_ONLY, "only a read-write session has a file to sync to");
    }
    return map.file->flush(0, map.content.size);
}

bool session_finish(llama_state_mmap & map) {
    if (map.mode != map_mode::read_write) {
        return true;
    }
    // a content that was not believed stays as it was found, for whoever wants to look at it
    return map.file->finish(map.readable_size(), map.is_durable);
}

} // namespace lsm
