using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using KestrelTlsUpgrade.Connections.Sections;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// The contents of certificate files, as hashes. A file is read once in each look, however many endpoints name it. A file that does not
/// answer keeps its last content: nobody waits for it longer than a moment.
/// </summary>
internal sealed class CertificateFiles(DetachedWork work, IHostEnvironment environment, IHostApplicationLifetime lifetime)
{
    /// <summary>Far longer than certificates are. The content of longer files is not read.</summary>
    private const int MaxFileLength = 1 << 20;

    /// <summary>How long the start waits for a file, and a certificate for its load.</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long a look waits for a file.</summary>
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(1);

    /// <summary>How long a file may take before it is reported.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The content of a file that has never answered. No hash is so short.</summary>
    private static readonly byte[] NoAnswer = [0];

    private readonly ConcurrentDictionary<string, Entry> _entries = [];
    private int _look;

    /// <summary>The number of the current look. The first one is that of the start.</summary>
    public int Look => Volatile.Read(ref _look);

    /// <summary>Begins a look: every file is read again when it is asked for.</summary>
    public void BeginLook() => Interlocked.Increment(ref _look);

    public string GetFullPath(string path) => Path.Combine(environment.ContentRootPath, path);

    /// <summary>The hash of a file's content, empty if the file is unreadable.</summary>
    /// <exception cref="OperationCanceledException">The host is stopping.</exception>
    public ReadOnlySpan<byte> GetContentHash(string path) => Read(path).Hash ?? NoAnswer;

    /// <summary>Whether the file has ever answered, be it with an error.</summary>
    public bool HasAnswered(string path) => Read(path).Hash is not null;

    /// <summary>Whether the file is still being read. Another thread that reads it now would wait, too.</summary>
    public bool IsSilent(string path) => _entries.TryGetValue(GetFullPath(path), out var entry) && entry.Pending is { IsDone: false };

    /// <summary>Whether the content is still that of the current look. Reads the file on this thread, which may take forever.</summary>
    public bool IsUnchanged(string path)
    {
        var reading = new Reading(GetFullPath(path), isProbe: false);
        reading.Run();
        return _entries.TryGetValue(GetFullPath(path), out var entry) && entry.Hash.AsSpan().SequenceEqual(reading.Hash);
    }

    /// <summary>Reads files at once that nobody has asked for in this look. What that leaves is read one by one.</summary>
    /// <exception cref="OperationCanceledException">The host is stopping.</exception>
    public void ReadAll(IEnumerable<string> paths)
    {
        var look = Look;
        var readings = paths.Select(GetFullPath).Distinct()
            .Where(path => _entries.TryGetValue(path, out var entry) && entry.Look != look && entry.Pending is null)
            .Select(static path => (Path: path, Reading: new Reading(path, isProbe: false)))
            .ToArray();
        if (readings.Length < 2)
        {
            return;
        }

        work.TryRun(() => Array.ForEach(readings, static pair => pair.Reading.Run()), LookLimit, lifetime.ApplicationStopping);
        foreach (var (path, reading) in readings.Where(static pair => pair.Reading.IsDone))
        {
            var entry = _entries[path];
            lock (entry)
            {
                if (entry.Look != look && entry.Pending is null)
                {
                    (entry.Hash, entry.Look) = (reading.Hash, look);
                }
            }
        }
    }

    /// <summary>The files among these that have not answered for a while.</summary>
    public IEnumerable<UnreadConfiguration> FindUnanswered(IEnumerable<string> paths) =>
        paths.Select(GetFullPath)
            .Where(path => _entries.TryGetValue(path, out var entry) && entry is { Pending.IsDone: false } && Stopwatch.GetElapsedTime(entry.Since) >= Patience)
            .Select(static path => new UnreadConfiguration($"The certificate file {path}", "does not answer, as files of a hung network mount."));

    private Entry Read(string path)
    {
        path = GetFullPath(path);
        var entry = _entries.GetOrAdd(path, static _ => new());
        lock (entry)
        {
            var look = Look;
            if (entry.Look != look)
            {
                Read(path, entry);
                entry.Look = look;
            }
        }

        return entry;
    }

    private void Read(string path, Entry entry)
    {
        if (entry.Pending is { } pending)
        {
            if (pending.IsDone)
            {
                // Late, but an answer.
                (entry.Hash, entry.Pending) = (pending.Hash, null);
                return;
            }

            if (!IsReplaced(path, entry, pending))
            {
                return;
            }
        }

        var reading = new Reading(path, isProbe: false);
        var started = Stopwatch.GetTimestamp();
        entry.Pending = reading;
        entry.Since = started;
        if (work.TryRun(reading.Run, Look == 0 ? StartLimit : LookLimit, lifetime.ApplicationStopping))
        {
            (entry.Hash, entry.Pending) = (reading.Hash, null);
        }
    }

    /// <summary>Whether there is another file by now than the one that does not answer. One that cannot even tell its time is not asked again.</summary>
    private bool IsReplaced(string path, Entry entry, Reading pending)
    {
        if (pending.Stamp is null || entry.Probe is { IsDone: false })
        {
            return false;
        }

        var probe = entry.Probe = new Reading(path, isProbe: true);
        return work.TryRun(probe.Run, LookLimit, lifetime.ApplicationStopping) && probe.Stamp != pending.Stamp;
    }

    private sealed class Entry
    {
        public int Look { get; set; } = -1;

        /// <summary>The last content, <see langword="null"/> if the file has never answered.</summary>
        public byte[]? Hash { get; set; }

        public Reading? Pending { get; set; }

        public Reading? Probe { get; set; }

        /// <summary>When the pending reading began.</summary>
        public long Since { get; set; }
    }

    /// <summary>One attempt to read a file. Never fails, but may take forever.</summary>
    private sealed class Reading(string path, bool isProbe)
    {
        private volatile string? _stamp;
        private volatile bool _isDone;

        /// <summary>What shows without opening the file whether it is still the same.</summary>
        public string? Stamp => _stamp;

        public bool IsDone => _isDone;

        /// <summary>
        /// An unreadable file hashes as empty; Kestrel's loader reports the error. The file can be written, renamed and deleted meanwhile, and
        /// no private key stays in memory.
        /// </summary>
        public byte[] Hash { get; private set; } = [];

        public void Run()
        {
            try
            {
                _stamp = GetStamp();
                Hash = isProbe ? [] : GetHash();
            }
            catch (Exception)
            {
                // Of whatever kind: no file can have such a name, for example.
            }

            _isDone = true;
        }

        private string GetStamp()
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
            return $"{target.FullName} {target.LastWriteTimeUtc.Ticks} {(target.Exists ? target.Length : -1)}";
        }

        private byte[] GetHash()
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[4096];
            var total = 0L;
            for (int length; (length = file.Read(buffer)) > 0;)
            {
                hash.AppendData(buffer, 0, length);
                total += length;
                if (total > MaxFileLength)
                {
                    return BitConverter.GetBytes(file.Length ^ File.GetLastWriteTimeUtc(path).Ticks);
                }
            }

            CryptographicOperations.ZeroMemory(buffer);
            return hash.GetHashAndReset();
        }
    }
}
