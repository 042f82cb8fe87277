using KestrelTlsUpgrade.Benchmarks.Servers;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>Runs what is asked for of the <see cref="Catalogue"/>.</summary>
internal sealed class Comparison(ComparisonSettings settings) : IDisposable
{
    private static readonly int[] GrowingConnections = [1, 16, 64, 256];
    private static readonly int[] UsualConnections = [16];
    private static readonly bool IsContinuousIntegration = Environment.GetEnvironmentVariable("CI") == "true";

    private readonly KeyFiles _files = new();
    private readonly ComparisonReport _report = new(settings);

    /// <summary>Returns 1 where something failed, or is out of bounds in a quick run.</summary>
    public static async Task<int> RunAsync(ComparisonSettings settings)
    {
        using var comparison = new Comparison(settings);
        await comparison.RunAsync();
        return comparison._report.Failed.Count > 0 ? 1 : 0;
    }

    public void Dispose() => _files.Dispose();

    private async Task RunAsync()
    {
        MarkdownTable.WriteHead(_report);
        var loads = Catalogue.Loads
            .Where(row => settings.Includes(row.Name) && !(settings.IsQuick && row.IsVariant) && HasPrograms(row))
            .ToArray();
        if (loads.Length > 0)
        {
            MarkdownTable.WriteLoadHead();
        }

        foreach (var row in loads)
        {
            foreach (var connections in settings.Connections ?? (row.Grows ? GrowingConnections : UsualConnections))
            {
                await TryAsync($"{row.Name}, {connections} connections", () => RunAsync(row, connections));
            }
        }

        var memory = Catalogue.Memory.Where(row => settings.Includes($"memory {row.Name}")).ToArray();
        if (memory.Length > 0)
        {
            MarkdownTable.WriteMemoryHead();
        }

        foreach (var row in memory)
        {
            await TryAsync($"memory, {row.Name}", () => RunAsync(row));
        }

        if (loads.Length + memory.Length + _report.Skipped.Count + _report.Failed.Count == 0)
        {
            _report.Failed.Add($"nothing has \"{settings.Only}\" in its name");
        }

        MarkdownTable.WriteEnd(_report);
        if (settings.JsonPath is { } path)
        {
            await _report.WriteAsync(path);
        }
    }

    private async Task<bool> RunAsync(LoadComparison row, int connections)
    {
        var results = await new LoadRunner(settings, _files).RunAsync(row, connections);
        _report.Loads.Add(results);
        MarkdownTable.Write(results);
        return results.IsSane;
    }

    private async Task<bool> RunAsync(MemoryComparison row)
    {
        var results = await new MemoryRunner(settings, _files).RunAsync(row);
        _report.Memory.Add(results);
        MarkdownTable.Write(results);
        return results.IsSane;
    }

    /// <summary>What fails does not keep the others from being measured.</summary>
    private async Task TryAsync(string name, Func<Task<bool>> runAsync)
    {
        try
        {
            if (!await runAsync() && settings.IsQuick)
            {
                _report.Failed.Add($"{name}: out of bounds");
            }
        }
#pragma warning disable CA1031 // Whatever it is, it is told, and the run fails.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _report.Failed.Add($"{name}: {exception.GetType().Name}: {exception.Message.Trim()}");
        }
    }

    private bool HasPrograms(LoadComparison row)
    {
        var missing = row.Ours.MissingPrograms.Concat(row.Other.MissingPrograms).FirstOrDefault();
        if (missing is not null)
        {
            (IsContinuousIntegration ? _report.Failed : _report.Skipped).Add($"{row.Name}: {missing} is not installed");
        }

        return missing is null;
    }
}
