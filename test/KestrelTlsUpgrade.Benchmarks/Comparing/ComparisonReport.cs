using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>All that came of a run, as it goes into JSON.</summary>
internal sealed record ComparisonReport(ComparisonSettings Settings)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string Runtime { get; } = RuntimeInformation.FrameworkDescription;

    public string System { get; } = RuntimeInformation.OSDescription;

    public int Cores { get; } = Environment.ProcessorCount;

    public IList<LoadResults> Loads { get; } = [];

    public IList<MemoryResults> Memory { get; } = [];

    /// <summary>What was not run for want of a program.</summary>
    public IList<string> Skipped { get; } = [];

    /// <summary>What went wrong, and with a quick run what came out of bounds.</summary>
    public IList<string> Failed { get; } = [];

    public Task WriteAsync(string path) => File.WriteAllTextAsync(path, JsonSerializer.Serialize(this, Json));
}
