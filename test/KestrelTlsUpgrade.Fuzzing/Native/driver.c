// Lets libFuzzer run in a process of somebody else's: it is given what to call, and counters that others increment.
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef int (*fuzz_target)(const uint8_t *data, size_t size);

int LLVMFuzzerRunDriver(int *argc, char ***argv, fuzz_target target);

// libFuzzer finds them by the name of the section, clears them before each execution and reads them after it.
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[1 << 16];

static fuzz_target managed_target;

uint8_t *fuzz_counters(void) { return counters; }

static int run_one(const uint8_t *data, size_t size)
{
    if (managed_target(data, size) != 0)
    {
        abort();
    }

    return 0;
}

int fuzz_run(int argc, char **argv, fuzz_target target)
{
    // libFuzzer leaves alone what has a handler, and this signal is how it hears of failures. All others are the runtime's.
    signal(SIGABRT, SIG_DFL);
    managed_target = target;
    return LLVMFuzzerRunDriver(&argc, &argv, run_one);
}
