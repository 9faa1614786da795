// A handle: one mapped session file and what is known about its content.

#pragma once

#include "mapped_file.h"
#include "page_feeder.h"
#include "session_content.h"

#include <memory>

// The opaque type of the C API.
struct llama_state_mmap {
    lsm::state_kind kind;
    lsm::map_mode   mode;

    std::unique_ptr<lsm::mapped_file> file;
    std::unique_ptr<lsm::page_feeder> feeder; // of the file's map; ends before it
    lsm::session_content content;
    bool is_touched = false; // a save has begun: what the file had before is gone
    bool is_durable = false; // the content is what the last save has synced

    llama_state_mmap(lsm::state_kind kind, lsm::map_mode mode, std::unique_ptr<lsm::mapped_file> file);
    ~llama_state_mmap();

    // Bytes that are, or may be, content: what was checked, else what the file had when it was opened.
    size_t readable_size() const {
        return content.size > 0 ? content.size : is_touched ? 0 : file->file_size();
    }

    llama_state_mmap(const llama_state_mmap &) = delete;
    llama_state_mmap & operator=(const llama_state_mmap &) = delete;
};

namespace lsm {

// Where the caller wants the tokens; out may be null.
struct token_buffer {
    llama_token * out;
    size_t   capacity;
    size_t * n_out;
};

struct token_list {
    const llama_token * data;
    size_t n;
};

// What llama_state_seq_get_data() gave.
struct state_bytes {
    const uint8_t * data;
    size_t size;
};

bool check_seq_id(const calibration & known, llama_seq_id seq_id);

// The sequence id means nothing for a whole context.
// room: bytes to save into, 0 for read_only. All: null, false or 0 with a report.
std::unique_ptr<llama_state_mmap> session_open(const calibration & known, const char * path, state_kind kind, map_mode mode, size_t room);

bool   session_load(llama_context * ctx, llama_state_mmap & map, llama_seq_id dest_seq_id, token_buffer tokens);
size_t session_save(llama_context * ctx, llama_state_mmap & map, llama_seq_id seq_id, token_list tokens);

// The same of a sequence, without a call of llama.cpp that depends on the context's thread.
size_t session_save_state(const llama_context * ctx, llama_state_mmap & map, state_bytes state, token_list tokens);

bool   session_sync(llama_state_mmap & map);

// Gives the file its exact length. The handle is only good for deletion afterwards.
bool session_finish(llama_state_mmap & map);

} // namespace lsm
