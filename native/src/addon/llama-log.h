// The log of llama.cpp. There is one per process, so every environment that listens hears every line.
#pragma once

#include <string>

class environment;

// Takes over llama.cpp's log (node-llama-cpp may have set its own since). Any thread.
void log_install();

// JS thread. Warnings and errors go to environment.on_log as they come.
void log_add_sink(environment & sink);
void log_remove_sink(environment & sink);

// Collects what this thread logs during a scope: errors for the exception's message, info lines as one message.
class log_capture {
public:
    log_capture();
    ~log_capture();

    log_capture(const log_capture &) = delete;
    log_capture & operator=(const log_capture &) = delete;

    void add(int level, const std::string & line);

    // The last error lines, or `fallback` when there were none.
    std::string failure(const char * fallback) const;

private:
    std::string info;
    std::string errors;
    int         n_errors = 0;
};
