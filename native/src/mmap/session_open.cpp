#include "session.h"

#include "counters.h"
#include "report.h"

#include <algorithm>
#include <cstring>

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

// A writer was alive while the snapshot was taken: if it is saving, the snapshot is of no use.
bool check_snapshot(const mapped_file & file) {
    uint32_t magic = 0;
    if (!file.read_at(0, &magic, sizeof(magic))) {
        return false;
    }
    return memcmp(&magic, file.data(), sizeof(magic)) == 0
        || fail(LLAMA_STATE_MMAP_ABSENT, "the file is being saved by another session; try again");
}

bool read_content(const calibration & known, llama_state_mmap & map) {
    const mapped_file & file = *map.file;
    const size_t size = file.file_size();
    if (size > 0 && file.is_snapshot() && size >= sizeof(uint32_t) && !check_snapshot(file)) {
        return false;
    }
    return check_content(known, map.kind, file.data(), size, map.content);
}

} // namespace

bool check_seq_id(const calibration & known, llama_seq_id seq_id) {
    return (seq_id >= 0 && (uint32_t) seq_id < known.limits.n_seq_max)
        || fail(LLAMA_STATE_MMAP_BAD_ARGUMENT, "sequence id %d is outside [0, %u)", seq_id, known.limits.n_seq_max);
}

std::unique_ptr<llama_state_mmap> session_open(const calibration & known, const char * path, state_kind kind, map_mode mode, size_t room) {
    std::unique_ptr<mapped_file> file = mapped_file::open(path, mode);
    const bool writer = mode == map_mode::read_write;
    if (!file || (writer && !check_may_overwrite(*file, kind)) || !file->map(room)) {
        count.n_rejected += file ? 1 : 0;
        return nullptr;
    }
    auto map = std::make_unique<llama_state_mmap>(kind, mode, std::move(file));
    if (read_content(known, *map)) {
        return map;
    }
    count.n_rejected += report_code() == LLAMA_STATE_MMAP_ABSENT ? 0 : 1;
    map->content = {};
    if (!writer) {
        return nullptr;
    }
    report_clear(); // a load will say why
    return map;
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
    return map.file->finish(map.readable_size());
}

} // namespace lsm
