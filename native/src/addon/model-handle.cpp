#include "model-handle.h"

#include "llama-log.h"
#include "native-error.h"

#include <cstring>
#include <filesystem>
#include <fstream>

// A clear message for the common mistakes; everything else is llama.cpp's to find out.
static void check_is_gguf(const std::string & path) {
    std::ifstream file(std::filesystem::u8path(path), std::ios::binary);
    if (!file) {
        throw model_error("cannot open " + path);
    }
    char magic[4] = {};
    if (!file.read(magic, sizeof(magic)) || std::memcmp(magic, "GGUF", sizeof(magic)) != 0) {
        throw model_error(path + " is not a GGUF file");
    }
}

static void check_can_generate(const llama_model * model, const llama_vocab * vocab) {
    if (llama().llama_vocab_type(vocab) == LLAMA_VOCAB_TYPE_NONE || llama().llama_vocab_n_tokens(vocab) <= 0) {
        throw model_error("the model has no vocabulary");
    }
    if (llama().llama_model_has_encoder(model) || llama().llama_model_is_diffusion(model)) {
        throw model_error("the model does not generate token by token");
    }
}

model_handle::model_handle(const model_options & options, const std::atomic<bool> & stopping) {
    check_is_gguf(options.path);
    log_install();

    const log_capture  log;
    llama_model_params params = llama().llama_model_default_params();

    params.n_gpu_layers                = options.n_gpu_layers;
    params.load_mode                   = options.use_mmap ? LLAMA_LOAD_MODE_MMAP : LLAMA_LOAD_MODE_NONE;
    params.progress_callback           = [](float, void * stop) { return !static_cast<std::atomic<bool> *>(stop)->load(); };
    params.progress_callback_user_data = const_cast<std::atomic<bool> *>(&stopping);

    model = llama().llama_model_load_from_file(options.path.c_str(), params);
    if (model == nullptr) {
        throw model_error(log.failure("llama.cpp could not load the model"));
    }

    vocab = llama().llama_model_get_vocab(model);
    try {
        check_can_generate(model, vocab);
    } catch (...) {
        release();
        throw;
    }
    n_vocab = llama().llama_vocab_n_tokens(vocab);
}

void model_handle::release() noexcept {
    if (model != nullptr) {
        llama().llama_model_free(model);
        model = nullptr;
    }
}

const token_pieces & model_handle::pieces() {
    std::call_once(pieces_once, [this] { pieces_table = token_pieces(vocab, n_vocab); });
    return pieces_table;
}

std::vector<llama_token> model_tokenize(const model_handle & model, const std::string & text, bool parse_special) {
    if (text.size() > (size_t) INT32_MAX / 2) {
        throw out_of_range("the text is too long");
    }
    std::vector<llama_token> tokens(text.size() + 2);
    const auto tokenize = [&] {
        return llama().llama_tokenize(model.vocab, text.data(), (int32_t) text.size(),
                                      tokens.data(), (int32_t) tokens.size(), false, parse_special);
    };
    int32_t n = tokenize();
    if (n < 0 && n != INT32_MIN) {
        tokens.resize((size_t) -n);
        n = tokenize();
    }
    tokens.resize(n < 0 ? 0 : (size_t) n);
    return tokens;
}

// Calls a llama.cpp function that writes a string like snprintf, with as much room as it asks for.
template <class F> static std::string read_text(F && write) {
    std::string text(256, '\0');
    int32_t     n = write(&text[0], text.size());
    if (n >= (int32_t) text.size()) {
        text.resize((size_t) n + 1);
        n = write(&text[0], text.size());
    }
    text.resize(n < 0 ? 0 : (size_t) n);
    return text;
}

std::string model_description(const model_handle & model) {
    return read_text([&](char * buf, size_t size) { return llama().llama_model_desc(model.model, buf, size); });
}

std::vector<std::pair<std::string, std::string>> model_metadata(const model_handle & model) {
    std::vector<std::pair<std::string, std::string>> result;
    for (int32_t i = 0; i < llama().llama_model_meta_count(model.model); ++i) {
        result.emplace_back(
            read_text([&](char * buf, size_t size) { return llama().llama_model_meta_key_by_index(model.model, i, buf, size); }),
            read_text([&](char * buf, size_t size) { return llama().llama_model_meta_val_str_by_index(model.model, i, buf, size); }));
    }
    return result;
}
