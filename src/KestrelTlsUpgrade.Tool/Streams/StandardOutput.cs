using System.ComponentModel;
using System.Runtime.InteropServices;
using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Tool.Streams;

/// <summary>Standard output. Where it cannot be written, the program ends: nobody would see the rest.</summary>
internal sealed class StandardOutput(Stream console) : WrappedStream(console)
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            Inner.Write(buffer[PipeOutput.Write(buffer)..]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw new ToolException(ExitCode.FileFailed, $"standard output cannot be written: {exception.Message}");
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return default;
    }

    /// <summary>
    /// The console of .NET ignores that a pipe has no reader any more, so that a program would go on for as long as a server sends.
    /// </summary>
    private static class PipeOutput
    {
        private const int Descriptor = 1;
        private const int BrokenPipe = 32;

        /// <summary>Writes what can be written at once. Returns how many bytes; all others are left to the console.</summary>
        /// <exception cref="Win32Exception">There is no reader.</exception>
        public static int Write(ReadOnlySpan<byte> buffer)
        {
            var count = buffer.IsEmpty || OperatingSystem.IsWindows() ? 0 : Write(Descriptor, in MemoryMarshal.GetReference(buffer), buffer.Length);
            return count >= 0 ? (int)count
                : Marshal.GetLastPInvokeError() is BrokenPipe and var error ? throw new Win32Exception(error)
                : 0;
        }

        [DllImport("libc", EntryPoint = "write", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nint Write(int descriptor, in byte buffer, nint count);
    }
}
