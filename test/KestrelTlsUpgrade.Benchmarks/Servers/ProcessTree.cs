using System.Diagnostics;
using System.Globalization;

namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>What the kernel knows of a process and those that it has started.</summary>
internal sealed class ProcessTree(Process root)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What all have taken, those that have ended included.</summary>
    public TimeSpan ProcessorTime => TimeSpan.FromSeconds(ReadTree().Sum(static process => process.Ticks) / 100.0);

    /// <summary>The memory of all in bytes, what they share counted once.</summary>
    public long Memory => ReadTree().Sum(static process => ReadSize($"/proc/{process.Id}/smaps_rollup", "Pss:"));

    /// <summary>The memory in bytes that is theirs alone and written to.</summary>
    public long PrivateDirtyMemory => ReadTree().Sum(static process => ReadSize($"/proc/{process.Id}/smaps_rollup", "Private_Dirty:"));

    /// <summary>The most memory in bytes that they have had since the start or <see cref="ResetPeakMemory"/>.</summary>
    public long PeakMemory => ReadTree().Sum(static process => ReadSize($"/proc/{process.Id}/status", "VmHWM:"));

    /// <summary>Kernels without this (proc(5), clear_refs) tell the peak since the start.</summary>
    public void ResetPeakMemory()
    {
        foreach (var (id, _) in ReadTree())
        {
            try
            {
                File.WriteAllText($"/proc/{id}/clear_refs", "5");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or it is not allowed.
            }
        }
    }

    /// <summary>Waits until no more than a share of the time is spent, so that what a load leaves behind is not taken for another's.</summary>
    /// <param name="span">How long it has to be so.</param>
    public async Task AtRestAsync(TimeSpan span)
    {
        // What runs without being asked (heartbeats, background compilation) takes less than this, in ticks of 10 ms.
        var idle = TimeSpan.FromMilliseconds(Math.Max(10, span.TotalMilliseconds / 50));
        var start = Stopwatch.GetTimestamp();
        var before = ProcessorTime;
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            await Task.Delay(span);
            var now = ProcessorTime;
            if (now - before <= idle)
            {
                return;
            }

            before = now;
        }
    }

    private List<(int Id, long Ticks)> ReadTree()
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(static path => int.TryParse(Path.GetFileName(path), out var id) ? ReadStatus(id) : null)
            .OfType<(int Id, int Parent, long Ticks)>()
            .ToLookup(static process => process.Parent);
        List<(int Id, long Ticks)> tree = [];
        AddChildren(Environment.ProcessId, process => process.Id == root.Id);
        return tree;

        void AddChildren(int parent, Func<(int Id, int Parent, long Ticks), bool> isExplicit)
        {
            foreach (var process in all[parent].Where(isExplicit))
            {
                tree.Add((process.Id, process.Ticks));
                AddChildren(process.Id, static _ => true);
            }
        }
    }

    /// <summary>Times are in hundredths of a second (proc(5)); those of children that were waited for stand behind its own.</summary>
    private static (int Id, int Parent, long Ticks)? ReadStatus(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (id, Parse(fields[1]), fields[11..15].Sum(Parse));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }

        static int Parse(string field) => int.Parse(field, CultureInfo.InvariantCulture);
    }

    private static long ReadSize(string path, string name)
    {
        try
        {
            var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            var size = line?[name.Length..].Trim().Split(' ')[0];
            return size is null ? 0 : long.Parse(size, CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return 0;
        }
    }
}
