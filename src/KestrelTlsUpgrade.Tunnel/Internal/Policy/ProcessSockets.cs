using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>
/// The process's listening sockets, whichever host or library opened them, as reported by Linux: <c>/proc/self/net/tcp</c> lists the
/// network's sockets, and the process's descriptors show which are its own. Finds nothing on other systems.
/// </summary>
internal sealed class ProcessSockets(TimeProvider timeProvider) : IListeningSockets
{
    /// <summary>
    /// The system scans its connection table on every read, which takes milliseconds. A newly opened port is noticed within this time.
    /// </summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(250);

    private const string Listening = "0A";
    private const int MaxRemembered = 1024;

    private static readonly string[] Tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    /// <summary>Whether sockets, given by inode, belong to this process. Takes time proportional to the number of descriptors.</summary>
    private readonly ConcurrentDictionary<string, bool> _isOwn = new();
    private volatile Known? _known;

    public IReadOnlyCollection<IPAddress> Find(int port) =>
    [
        .. GetKnown().Where(socket => socket.EndPoint.Port == port && IsOwn(socket.Inode)).Select(static socket => socket.EndPoint.Address),
    ];

    /// <summary>Parses a line of the system's table.</summary>
    /// <returns><see langword="null"/> if the socket is not listening.</returns>
    internal static (IPEndPoint EndPoint, string Inode)? Parse(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var local, _, Listening, _, _, _, _, _, var inode, ..]
        && local.Split(':') is [var address, var port]
            ? (new IPEndPoint(ParseAddress(address), int.Parse(port, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)), inode)
            : null;

    /// <summary>Every listening socket in the process's network namespace.</summary>
    private (IPEndPoint EndPoint, string Inode)[] GetKnown()
    {
        var known = _known;
        if (known is null || timeProvider.GetElapsedTime(known.Timestamp) >= Lifetime)
        {
            // Use the time before the read: a socket opened during it may be missed.
            var timestamp = timeProvider.GetTimestamp();
            _known = known = new(OperatingSystem.IsLinux() ? [.. Tables.SelectMany(ReadListening)] : [], timestamp);
        }

        return known.Sockets;
    }

    private static IEnumerable<(IPEndPoint EndPoint, string Inode)> ReadListening(string table)
    {
        if (!File.Exists(table))
        {
            yield break;
        }

        // Listening sockets come first, so connections, of which there may be many, need not be read.
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            if (Parse(line) is not { } socket)
            {
                yield break;
            }

            yield return socket;
        }
    }

    /// <summary>32-bit words, each in the processor's byte order.</summary>
    private static IPAddress ParseAddress(string text)
    {
        var bytes = Convert.FromHexString(text);
        if (BitConverter.IsLittleEndian)
        {
            for (var word = bytes.AsSpan(); !word.IsEmpty; word = word[sizeof(uint)..])
            {
                BinaryPrimitives.WriteUInt32BigEndian(word, BinaryPrimitives.ReadUInt32LittleEndian(word));
            }
        }

        return new IPAddress(bytes);
    }

    private bool IsOwn(string inode)
    {
        if (_isOwn.Count > MaxRemembered)
        {
            _isOwn.Clear();
        }

        return _isOwn.GetOrAdd(inode, static inode =>
            new DirectoryInfo("/proc/self/fd").EnumerateFiles().Any(descriptor => IsSocket(descriptor, $"socket:[{inode}]")));
    }

    private static bool IsSocket(FileInfo descriptor, string name)
    {
        try
        {
            return descriptor.LinkTarget == name;
        }
        catch (IOException)
        {
            // The descriptor was closed after it was listed.
            return false;
        }
    }

    private sealed record Known((IPEndPoint EndPoint, string Inode)[] Sockets, long Timestamp);
}
