#include "state-file.h"

#include "llama-log.h"
#include "session-library.h"

// The checks of llama_state_mmap, on bytes in memory.
#include "report.h"
#include "session_content.h"

#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

static native_error file_error(llama_state_mmap_error code, const std::string & message) {
    return session_error(llama_state_mmap_error_name(code), message);
}

static std::vector<uint8_t> read_file(const std::string & path) {
    std::error_code   error;
    const fs::path    file = fs::u8path(path);
    if (!fs::exists(file, error)) {
        throw file_error(LLAMA_STATE_MMAP_NOT_FOUND, "there is no file " + path);
    }
    if (!fs::is_regular_file(file, error)) {
        throw file_error(LLAMA_STATE_MMAP_NOT_REGULAR, path + " is not a regular file");
    }
    std::ifstream        stream(file, std::ios::binary);
    std::vector<uint8_t> data((size_t) fs::file_size(file));
    if (!stream.read(reinterpret_cast<char *>(data.data()), (std::streamsize) data.size())) {
        throw file_error(LLAMA_STATE_MMAP_IO, "cannot read " + path);
    }
    return data;
}

// llama.cpp allocates from unchecked counts and asserts, so it only sees files that were walked before.
static size_t check_file(context_handle & context, const std::string & path, lsm::state_kind kind) {
    const std::vector<uint8_t> data = read_file(path);

    lsm::report_clear();
    const auto           known = lsm::calibration_of(context.ctx);
    lsm::session_content content;
    if (!known || !lsm::check_content(*known, kind, data.data(), data.size(), content)) {
        throw last_session_error();
    }
    if (content.size != data.size()) {
        throw file_error(LLAMA_STATE_MMAP_BAD_SIZE, path + " is longer than its content");
    }
    return content.n_tokens;
}

std::vector<llama_token> load_state_file(context_handle & context, const std::string & path, llama_seq_id sequence) {
    const bool whole = sequence < 0;
    size_t     n     = check_file(context, path, whole ? lsm::state_kind::context : lsm::state_kind::sequence);

    // llama.cpp does not fill a buffer of NULL, which data() of an empty vector may be.
    std::vector<llama_token> tokens(n + 1);
    const log_capture        log;
    context.last_output = -1;
    const bool loaded = whole
        ? llama().llama_state_load_file(context.ctx, path.c_str(), tokens.data(), n, &n)
        : llama().llama_state_seq_load_file(context.ctx, path.c_str(), sequence, tokens.data(), n, &n) != 0;
    if (!loaded) {
        throw file_error(LLAMA_STATE_MMAP_REFUSED, log.failure("llama.cpp did not take the session"));
    }
    tokens.resize(n);
    return tokens;
}

size_t save_state_file(context_handle & context, const std::string & path, llama_seq_id sequence,
                       const std::vector<llama_token> & tokens) {
    const log_capture log;
    const bool        whole = sequence < 0;
    const bool        saved = whole
        ? llama().llama_state_save_file(context.ctx, path.c_str(), tokens.data(), tokens.size())
        : llama().llama_state_seq_save_file(context.ctx, path.c_str(), sequence, tokens.data(), tokens.size()) != 0;
    if (!saved) {
        throw file_error(LLAMA_STATE_MMAP_IO, log.failure("llama.cpp could not write the session"));
    }

    // llama.cpp does not look at the result of closing the file: a full disk may only show here.
    const size_t payload = whole
        ? llama().llama_state_get_size(context.ctx)
        : llama().llama_state_seq_get_size(context.ctx, sequence) - lsm::seq_prefix_size;
    const size_t    wanted = lsm::payload_offset(tokens.size()) + payload;
    std::error_code error;
    if (fs::file_size(fs::u8path(path), error) != wanted) {
        throw file_error(LLAMA_STATE_MMAP_NO_SPACE, path + " was not written completely");
    }
    return wanted;
}

size_t save_exported_file(const std::string & path, const state_memory & state, const std::vector<llama_token> & tokens) {
    std::vector<uint8_t> head(lsm::payload_offset(tokens.size()));
    lsm::write_header(lsm::state_kind::sequence, head.data(), tokens.data(), (uint32_t) tokens.size());
    lsm::write_magic(lsm::state_kind::sequence, head.data());

    const size_t  payload = state.size() - lsm::seq_prefix_size;
    std::ofstream stream(fs::u8path(path), std::ios::binary | std::ios::trunc);
    stream.write(reinterpret_cast<const char *>(head.data()), (std::streamsize) head.size());
    stream.write(reinterpret_cast<const char *>(state.data() + lsm::seq_prefix_size), (std::streamsize) payload);
    stream.close();
    if (!stream) {
        throw file_error(LLAMA_STATE_MMAP_NO_SPACE, path + " was not written completely");
    }
    return head.size() + payload;
}
