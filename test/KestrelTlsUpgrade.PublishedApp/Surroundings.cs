using System.Globalization;

namespace KestrelTlsUpgrade.PublishedApp;

/// <summary>What the machine gives to the application. build/publish compares it with what it meant to give.</summary>
internal static class Surroundings
{
    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} processor{(Environment.ProcessorCount == 1 ? "" : "s")}, "
        + $"heap of {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MB, user {ReadUser()}, "
        + $"{(Environment.GetEnvironmentVariable("HOME") is null ? "no HOME" : "HOME")}, files {(CanWrite() ? "writable" : "read-only")}");

    /// <summary>The effective one, of four.</summary>
    private static string ReadUser() =>
        File.ReadLines("/proc/self/status").First(static line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2];

    private static bool CanWrite()
    {
        try
        {
            using var file = File.Create(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
