using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>
/// What the process listens on, whichever host or library it is for, as Linux tells it: sockets of the network are in
/// <c>/proc/self/net/tcp</c>, and those of the process among its descriptors. Nothing is found where there is no such system.
/// </summary>
internal sealed class ProcessSockets(TimeProvider timeProvider) : IListeningSockets
{
    /// <summary>
    /// The system goes through its table of connections for every look, which takes milliseconds. A port that is opened counts
    /// after this time at the latest.
    /// </summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(250);

    private const string Listening = "0A";
    private const int MaxRemembered = 1024;

    private static readonly string[] Tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    /// <summary>Whether sockets, by their inodes, are this process's. Looking takes as long as there are descriptors.</summary>
    private readonly ConcurrentDictionary<string, bool> _isOwn = new();
    private volatile Known? _known;

    public IReadOnlyCollection<IPAddress> Find(int port) =>
    [
        .. GetKnown().Where(socket => socket.EndPoint.Port == port && IsOwn(socket.Inode)).Select(static socket => socket.EndPoint.Address),
    ];

    /// <summary>Reads a line of the system's table.</summary>
    /// <returns><see langword="null"/> if it is not that of a listening socket.</returns>
    internal static (IPEndPoint EndPoint, string Inode)? Parse(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var local, _, Listening, _, _, _, _, _, var inode, ..]
        && local.Split(':') is [var address, var port]
            ? (new IPEndPoint(ParseAddress(address), int.Parse(port, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)), inode)
            : null;

    /// <summary>What anybody listens on in the process's network.</summary>
    private (IPEndPoint EndPoint, string Inode)[] GetKnown()
    {
        var known = _known;
        if (known is null || timeProvider.GetElapsedTime(known.Timestamp) >= Lifetime)
        {
            // The time is that before the look: what is opened meanwhile may be missed.
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

        // The sockets that listen come first: connections, of which there may be many, need not be read.
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            if (Parse(line) is not { } socket)
            {
                yield break;
            }

            yield return socket;
        }
    }

    /// <summary>Words of 32 bits, each in the order of the processor.</summary>
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
            // It has been closed since it was listed.
            return false;
        }
    }

    private sealed record Known((IPEndPoint EndPoint, string Inode)[] Sockets, long Timestamp);
}
