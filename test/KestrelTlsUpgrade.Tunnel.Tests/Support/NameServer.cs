using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Support;

/// <summary>
/// A name server on a loopback address that is silent until the test lets it answer, and the system's resolver, which asks it: the threads of
/// its lookups see another /etc/resolv.conf than the rest of the machine.
/// </summary>
internal sealed class NameServer : INameResolver, IAsyncDisposable
{
    private const int HeaderLength = 12;

    [ThreadStatic]
    private static NameServer? _seen;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly SystemNameResolver _system = new();
    private readonly string _configuration = Path.GetTempFileName();
    private readonly ConcurrentDictionary<string, byte> _asked = new();
    private readonly List<(byte[] Query, EndPoint Caller)> _held = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly Lock _lock = new();
    private readonly Task _serving;
    private bool _answers;

    private NameServer(IPAddress address, string options)
    {
        _socket.Bind(new IPEndPoint(address, 53));
        File.WriteAllText(_configuration, $"nameserver {address}\noptions {options}\n");
        _serving = ServeAsync();
    }

    /// <summary>Whether a lookup blocked a thread of the pool.</summary>
    public bool WasOnThreadPool { get; private set; }

    /// <param name="options">Options of resolv.conf.</param>
    public static NameServer Start(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Native.CanUnshare(), "A mount namespace of a thread needs Linux and CAP_SYS_ADMIN.");
        return new(new IPAddress([127, 53, .. RandomByte(), .. RandomByte()]), options);

        static byte[] RandomByte() => [(byte)Random.Shared.Next(1, 255)];
    }

    public IPAddress[] Resolve(string name)
    {
        WasOnThreadPool |= Thread.CurrentThread.IsThreadPoolThread;
        if (_seen != this)
        {
            Native.Show(_configuration, "/etc/resolv.conf");
            _seen = this;
        }

        return _system.Resolve(name);
    }

    /// <summary>Answers every question so far, and those to come: each name has the address 127.0.0.1.</summary>
    public void Answer()
    {
        lock (_lock)
        {
            _answers = true;
            _held.ForEach(held => Answer(held.Query, held.Caller));
        }
    }

    /// <summary>Waits until it has been asked for this many names.</summary>
    public async Task AskedAsync(int count)
    {
        using var patience = new CancellationTokenSource(RawConnection.Patience);
        while (_asked.Count < count)
        {
            await _news.WaitAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Answer();
        _socket.Dispose();
        await Record.ExceptionAsync(() => _serving);
        File.Delete(_configuration);
    }

    private static (string Name, int End) ReadQuestion(byte[] query)
    {
        var name = new List<string>();
        var at = HeaderLength;
        for (int length; (length = query[at]) > 0; at += 1 + length)
        {
            name.Add(Encoding.ASCII.GetString(query, at + 1, length));
        }

        return (string.Join('.', name), at + 5);
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
            var query = buffer[..received.ReceivedBytes];
            lock (_lock)
            {
                if (_answers)
                {
                    Answer(query, received.RemoteEndPoint);
                }
                else
                {
                    _held.Add((query, received.RemoteEndPoint));
                }
            }

            _asked.TryAdd(ReadQuestion(query).Name, 0);
            _news.Release();
        }
    }

    private void Answer(byte[] query, EndPoint caller)
    {
        // The question with the flags of an answer, and an address (RFC 1035 section 4.1) if one of IPv4 is asked for.
        var (_, end) = ReadQuestion(query);
        var isIPv4 = query[end - 3] == 1;
        byte[] address = isIPv4 ? [0xC0, HeaderLength, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1] : [];
        byte[] head = [query[0], query[1], 0x81, 0x80, 0, 1, 0, (byte)(isIPv4 ? 1 : 0), 0, 0, 0, 0];
        _socket.SendTo([.. head, .. query[HeaderLength..end], .. address], caller);
    }

    /// <summary>The mount namespace of one thread.</summary>
    private static class Native
    {
        private const int NewNamespace = 0x20000;
        private const nuint Bind = 0x1000;
        private const nuint PrivateAndBelow = 0x44000;

        /// <summary>Whether a thread may have a namespace of its own.</summary>
        public static bool CanUnshare()
        {
            var result = -1;
            var thread = new Thread(() => result = Unshare(NewNamespace));
            thread.Start();
            thread.Join();
            return result == 0;
        }

        /// <summary>Replaces a file for the current thread only.</summary>
        public static void Show(string source, string target)
        {
            Check(Unshare(NewNamespace));
            Check(Mount("none", "/", null, PrivateAndBelow, 0));
            Check(Mount(source, target, null, Bind, 0));
        }

        private static void Check(int result) => Assert.True(result == 0, Marshal.GetLastPInvokeErrorMessage());

#pragma warning disable SYSLIB1054 // The generated code is unsafe, which the tests are not.
#pragma warning disable CA2101 // The strings are paths in UTF-8.
        [DllImport("libc", EntryPoint = "unshare", SetLastError = true)]
        private static extern int Unshare(int flags);

        [DllImport("libc", EntryPoint = "mount", SetLastError = true)]
        private static extern int Mount(
            [MarshalAs(UnmanagedType.LPUTF8Str)] string source,
            [MarshalAs(UnmanagedType.LPUTF8Str)] string target,
            [MarshalAs(UnmanagedType.LPUTF8Str)] string? type,
            nuint flags,
            nint data);
#pragma warning restore CA2101, SYSLIB1054
    }
}
