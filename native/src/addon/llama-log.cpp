#include "llama-log.h"

#include "environment.h"
#include "llama-api.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace {

constexpr int max_captured_errors = 4;

std::mutex                 sinks_mutex;
std::vector<environment *> sinks;

thread_local log_capture *  capture    = nullptr;
thread_local std::string    line;       // an unfinished line of this thread
thread_local ggml_log_level line_level = GGML_LOG_LEVEL_INFO;

const char * level_name(int level) {
    switch (level) {
        case GGML_LOG_LEVEL_ERROR: return "error";
        case GGML_LOG_LEVEL_WARN:  return "warn";
        case GGML_LOG_LEVEL_INFO:  return "info";
        default:                   return "debug";
    }
}

void send(int level, const std::string & message) {
    const std::lock_guard<std::mutex> lock(sinks_mutex);
    for (environment * sink : sinks) {
        sink->mailbox.post([sink, level, message](Napi::Env env) {
            if (!sink->on_log.IsEmpty()) {
                sink->on_log.Call({Napi::String::New(env, level_name(level)), Napi::String::New(env, message)});
            }
        });
    }
}

void end_line() {
    if (capture != nullptr) {
        capture->add(line_level, line);
    }
    if (line_level == GGML_LOG_LEVEL_WARN || line_level == GGML_LOG_LEVEL_ERROR) {
        send(line_level, line);
    }
    line.clear();
}

void on_llama_log(ggml_log_level level, const char * text, void *) {
    if (level != GGML_LOG_LEVEL_CONT) {
        if (!line.empty()) {
            end_line();
        }
        line_level = level;
    }
    line += text;
    if (!line.empty() && line.back() == '\n') {
        line.pop_back();
        end_line();
    }
}

} // namespace

void log_install() {
    llama().llama_log_set(on_llama_log, nullptr);
}

void log_add_sink(environment & sink) {
    const std::lock_guard<std::mutex> lock(sinks_mutex);
    if (std::find(sinks.begin(), sinks.end(), &sink) == sinks.end()) {
        sinks.push_back(&sink);
    }
}

void log_remove_sink(environment & sink) {
    const std::lock_guard<std::mutex> lock(sinks_mutex);
    sinks.erase(std::remove(sinks.begin(), sinks.end(), &sink), sinks.end());
}

log_capture::log_capture() {
    capture = this;
}

log_capture::~log_capture() {
    capture = nullptr;
    if (!info.empty()) {
        info.pop_back();
        send(GGML_LOG_LEVEL_INFO, info);
    }
}

void log_capture::add(int level, const std::string & text) {
    if (level == GGML_LOG_LEVEL_INFO) {
        info += text + "\n";
    }
    if (level == GGML_LOG_LEVEL_ERROR && n_errors++ < max_captured_errors) {
        errors += (errors.empty() ? "" : "; ") + text;
    }
}

std::string log_capture::failure(const char * fallback) const {
    return errors.empty() ? fallback : errors;
}
