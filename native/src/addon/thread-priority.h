// Threads that nobody waits for.
#pragma once

// Of the calling thread, for good: others that want a processor go before it. Does nothing where the system refuses.
void yield_to_others() noexcept;
