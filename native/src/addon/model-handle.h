// A loaded model. Immutable, so its vocabulary may be read on any thread.
#pragma once

#include "llama-api.h"
#include "native-resource.h"
#include "token-pieces.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

struct model_options {
    std::string path;
    int32_t     n_gpu_layers = 0;
    bool        use_mmap     = true;
};

class model_handle : public native_resource {
public:
    // Inference thread; `stopping` ends a running load. Throws native_error (ERR_WARMFORK_MODEL).
    model_handle(const model_options & options, const std::atomic<bool> & stopping);

    void release() noexcept override;

    const token_pieces & pieces(); // built at the first call

    llama_model *       model   = nullptr;
    const llama_vocab * vocab   = nullptr;
    int32_t             n_vocab = 0;

private:
    std::once_flag pieces_once;
    token_pieces   pieces_table;
};

// `parse_special` turns the text of special tokens into those tokens. Any thread. NUL bytes are text.
std::vector<llama_token> model_tokenize(const model_handle & model, const std::string & text, bool parse_special);

std::string                                      model_description(const model_handle & model);
std::vector<std::pair<std::string, std::string>> model_metadata   (const model_handle & model);
