using System.Text.Json;

namespace KestrelTlsUpgrade.Report.Internal.Keeping;

/// <summary>
/// The file in which the counts survive a restart. It is replaced as a whole, so that a crash leaves the old one or the new one, and by one
/// process at a time: the one that holds the lock.
/// </summary>
internal sealed class ReportFile(string folder) : IDisposable
{
    /// <summary>Far more than the report writes. A larger file is not read.</summary>
    public const int MaxLength = 32 * 1024 * 1024;

    private readonly string _next = Path.Combine(folder, "tls-upgrade-report.json.tmp");
    private FileStream? _lock;
    private byte[] _written = [];

    /// <summary>Whether the file cannot be read. It is put aside then, and not lost.</summary>
    private bool _isForeign;

    public string FullName { get; } = Path.Combine(folder, "tls-upgrade-report.json");

    private string LockName { get; } = Path.Combine(folder, "tls-upgrade-report.lock");

    /// <summary>Reads the file, unless there is none.</summary>
    /// <exception cref="Exception">It cannot be read, or is not one of ours.</exception>
    public KeptReport? Read()
    {
        if (!Path.Exists(FullName))
        {
            return null;
        }

        _isForeign = true;
        using var file = new FileStream(FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length > MaxLength)
        {
            throw new InvalidDataException($"It is larger than {MaxLength} bytes.");
        }

        var content = new byte[file.Length];
        file.ReadExactly(content);
        var kept = JsonSerializer.Deserialize(content, KeptJsonContext.Default.KeptReport) ?? throw new InvalidDataException("It is empty.");
        _isForeign = false;
        return kept;
    }

    /// <summary>The file is not one of ours after all.</summary>
    public void Disown() => _isForeign = true;

    /// <summary>Writes the file, unless it would be the same.</summary>
    /// <exception cref="Exception">It cannot be written, or another process writes it.</exception>
    public void Write(KeptReport kept)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(kept, KeptJsonContext.Default.KeptReport);
        if (content.AsSpan().SequenceEqual(_written))
        {
            return;
        }

        Directory.CreateDirectory(folder);
        _lock ??= new FileStream(LockName, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            // Callers' networks are nobody else's business.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(_next, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        if (_isForeign && Path.Exists(FullName))
        {
            File.Move(FullName, $"{FullName}.unreadable", overwrite: true);
        }

        File.Move(_next, FullName, overwrite: true);
        (_isForeign, _written) = (false, content);
    }

    /// <summary>Lets another process write.</summary>
    public void Dispose() => _lock?.Dispose();
}
