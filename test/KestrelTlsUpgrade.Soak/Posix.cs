using System.ComponentModel;
using System.Runtime.InteropServices;

namespace KestrelTlsUpgrade.Soak;

/// <summary>What .NET has no API for.</summary>
internal static class Posix
{
    private const int SetDescriptorFlags = 2;
    private const int Terminate = 15;

    /// <summary>Lets processes that are started from now on have the descriptor, under the same number.</summary>
    public static void Inherit(int descriptor) => Check(SetFlags(descriptor, SetDescriptorFlags, 0));

    /// <summary>Asks a process to end (SIGTERM).</summary>
    public static void AskToEnd(int process) => Check(Kill(process, Terminate));

    /// <summary>Gives the memory that is free in the C library's heap back to the system, where TLS has its state.</summary>
    public static void Trim() => _ = TrimHeap(0);

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static extern int SetFlags(int descriptor, int command, int flags);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int TrimHeap(nuint keep);
}
