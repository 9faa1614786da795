// The C API's inspection functions: error report, handles, counters.

#include "llama_state_mmap.h"

#include "counters.h"
#include "report.h"
#include "session.h"
#include "xxh64.h"

using namespace lsm;

llama_state_mmap_error llama_state_mmap_last_error(void) {
    return report_code();
}

const char * llama_state_mmap_last_error_message(void) {
    return report_message();
}

const char * llama_state_mmap_error_name(llama_state_mmap_error code) {
    switch (code) {
        case LLAMA_STATE_MMAP_OK:             return "ok";
        case LLAMA_STATE_MMAP_NOT_FOUND:      return "not_found";
        case LLAMA_STATE_MMAP_LOCKED:         return "locked";
        case LLAMA_STATE_MMAP_NO_SPACE:       return "no_space";
        case LLAMA_STATE_MMAP_NOT_REGULAR:    return "not_regular";
        case LLAMA_STATE_MMAP_WRONG_OWNER:    return "wrong_owner";
        case LLAMA_STATE_MMAP_WRONG_MODE:     return "wrong_mode";
        case LLAMA_STATE_MMAP_ABSENT:         return "absent";
        case LLAMA_STATE_MMAP_BAD_MAGIC:      return "bad_magic";
        case LLAMA_STATE_MMAP_BAD_VERSION:    return "bad_version";
        case LLAMA_STATE_MMAP_BAD_SIZE:       return "bad_size";
        case LLAMA_STATE_MMAP_BAD_TOKENS:     return "bad_tokens";
        case LLAMA_STATE_MMAP_BAD_PAYLOAD:    return "bad_payload";
        case LLAMA_STATE_MMAP_INCOMPATIBLE:   return "incompatible";
        case LLAMA_STATE_MMAP_NO_ROOM:        return "no_room";
        case LLAMA_STATE_MMAP_READ_ONLY:      return "read_only";
        case LLAMA_STATE_MMAP_IO:             return "io";
        case LLAMA_STATE_MMAP_UNSUPPORTED:    return "unsupported";
        case LLAMA_STATE_MMAP_NO_API:         return "no_api";
        case LLAMA_STATE_MMAP_NOT_CALIBRATED: return "not_calibrated";
        case LLAMA_STATE_MMAP_BAD_ARGUMENT:   return "bad_argument";
        case LLAMA_STATE_MMAP_REFUSED:        return "refused";
        case LLAMA_STATE_MMAP_NO_MEMORY:      return "no_memory";
    }
    return "unknown";
}

size_t llama_state_mmap_content_size(const llama_state_mmap * map) {
    return map ? map->content.size : 0;
}

size_t llama_state_mmap_room(const llama_state_mmap * map) {
    return map && map->mode != map_mode::read_only ? map->file->size() : 0;
}

uint64_t llama_state_mmap_checksum(const llama_state_mmap * map) {
    return map && map->content.size > 0 ? xxh64(map->file->data(), map->content.size, 0) : 0;
}

const llama_token * llama_state_mmap_tokens(const llama_state_mmap * map, size_t * n_token_count_out) {
    const bool any = map && map->content.size > 0;
    if (n_token_count_out) {
        *n_token_count_out = any ? map->content.n_tokens : 0;
    }
    return any ? reinterpret_cast<const llama_token *>(map->file->data() + header_size) : nullptr;
}

bool llama_state_mmap_is_snapshot(const llama_state_mmap * map) {
    return map && map->file->is_snapshot();
}

void llama_state_mmap_counters_get(llama_state_mmap_counters * out) {
    if (!out) {
        return;
    }
    out->n_open             = count.n_open;
    out->n_loads            = count.n_loads;
    out->n_saves            = count.n_saves;
    out->n_syncs            = count.n_syncs;
    out->n_rejected         = count.n_rejected;
    out->bytes_mapped       = count.bytes_mapped;
    out->bytes_copied       = count.bytes_copied;
    out->bytes_loaded       = count.bytes_loaded;
    out->bytes_saved        = count.bytes_saved;
    out->bytes_preallocated = count.bytes_preallocated;
}
