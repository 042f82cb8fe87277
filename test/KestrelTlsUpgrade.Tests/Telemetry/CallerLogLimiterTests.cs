using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Telemetry;

public sealed class CallerLogLimiterTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();
    private readonly CallerLogLimiter _limiter;

    public CallerLogLimiterTests() => _limiter = new(_time);

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public void Admits_OneCaller_TenLinesOfAMinute()
    {
        Assert.Equal(10, Ask("192.0.2.1", 25));
        _time.Advance(Minute - TimeSpan.FromTicks(1));
        Assert.Equal(0, Ask("192.0.2.1", 1));
        Assert.Empty(_logger.Lines);

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(10, Ask("192.0.2.1", 25));
    }

    [Fact]
    public void Admits_OtherCallersAndPorts_AreCountedByAddress()
    {
        Assert.Equal(10, Ask("192.0.2.1", 25));
        Assert.False(_limiter.Admits(_logger, LogLevel.Information, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 7)));
        Assert.Equal(10, Ask("192.0.2.2", 25));
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1")]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff")]
    [InlineData("fe80::1%1", "fe80::2%3")]
    public void Admits_AddressesOfOneCaller_ShareTheLines(string first, string second)
    {
        Assert.Equal(10, Ask(first, 10));
        Assert.Equal(0, Ask(second, 10));
    }

    [Theory]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1")]
    [InlineData("192.0.2.1", "192.0.3.1")]
    [InlineData("0.0.0.1", "::1")]
    [InlineData("::ffff:0.0.0.1", "::1")]
    public void Admits_AddressesOfTwoCallers_DoNotShareTheLines(string first, string second)
    {
        Assert.Equal(10, Ask(first, 11));
        Assert.Equal(10, Ask(second, 11));
    }

    [Fact]
    public void Admits_NoAddress_OneEntryForAll()
    {
        EndPoint?[] callers = [null, new UnixDomainSocketEndPoint("/a"), new DnsEndPoint("a.test", 1)];
        Assert.Equal(10, Enumerable.Range(0, 30).Count(i => _limiter.Admits(_logger, LogLevel.Information, callers[i % 3])));
        Assert.Equal(1, _limiter.Count);
        _time.Advance(Minute);
        Assert.Equal("20 more lines about connections from callers without an address were left out within a minute.", Assert.Single(_logger.Lines).Message);
    }

    [Fact]
    public void Admits_Levels_AreCountedSeparately()
    {
        Assert.Equal(10, Ask("192.0.2.1", 11));
        Assert.Equal(10, Ask("192.0.2.1", 12, LogLevel.Warning));
        _time.Advance(Minute);
        Assert.Equal([(LogLevel.Information, 1), (LogLevel.Warning, 2)], _logger.Lines.Select(static line => (line.Level, CountOf(line.Message))).Order());
    }

    [Fact]
    public void Admits_LevelOff_CountsNothing()
    {
        Assert.False(_limiter.Admits(NullLogger.Instance, LogLevel.Information, new IPEndPoint(IPAddress.Loopback, 1)));
        Assert.Equal(0, _limiter.Count);
        Assert.Equal(10, Ask("127.0.0.1", 10));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:0:1::5", "2001:db8:0:1::/64")]
    public void LinesLeftOut_AreSaidOnceTheMinuteIsOver(string address, string caller)
    {
        Ask(address, 25);
        _time.Advance(Minute);
        var (level, id, message) = Assert.Single(_logger.Lines);
        Assert.Equal(LogLevel.Information, level);
        Assert.Equal(new EventId(100, "LinesLeftOut"), id);
        Assert.Equal($"15 more lines about connections from {caller} were left out within a minute.", message);
    }

    [Fact]
    public void LinesLeftOut_None_NothingIsSaid()
    {
        Ask("192.0.2.1", 10);
        _time.Advance(Minute * 3);
        Assert.Empty(_logger.Lines);
    }

    /// <summary>The timer runs a minute after the first caller's first line, which may be in the midst of another's minute.</summary>
    [Fact]
    public void LinesLeftOut_CallerIsBackBeforeTheTimer_AreSaidAtOnce()
    {
        Ask("192.0.2.1", 1);
        _time.Advance(Minute / 2);
        Ask("192.0.2.2", 12);
        _time.Advance(Minute / 2);
        Assert.Empty(_logger.Lines);
        Assert.Equal(1, _limiter.Count);

        _time.Advance(Minute / 2);
        Assert.Equal(1, Ask("192.0.2.2", 1));
        Assert.Equal(2, CountOf(Assert.Single(_logger.Lines).Message));

        _time.Advance(Minute * 2);
        Assert.Single(_logger.Lines);
        Assert.Equal(0, _limiter.Count);
    }

    [Fact]
    public void QuietCallers_AreNotKept()
    {
        Ask("192.0.2.1", 1);
        _time.Advance(Minute / 2);
        Ask("192.0.2.2", 1);
        Assert.Equal(2, _limiter.Count);
        _time.Advance(Minute * 2);
        Assert.Equal(0, _limiter.Count);

        // The timer starts again.
        Ask("192.0.2.1", 1);
        _time.Advance(Minute);
        Assert.Equal(0, _limiter.Count);
    }

    [Fact]
    public void Admits_TooManyCallers_TheRestShareABound()
    {
        foreach (var address in Addresses(CallerLogLimiter.MaxCallers))
        {
            Assert.Equal(1, Ask(address, 1));
        }

        Assert.Equal(CallerLogLimiter.LinesOfOthers, Addresses(2 * CallerLogLimiter.MaxCallers).Skip(CallerLogLimiter.MaxCallers).Sum(address => Ask(address, 2)));
        Assert.Equal(CallerLogLimiter.MaxCallers + 1, _limiter.Count);

        // A caller that has an entry keeps its lines.
        Assert.Equal(9, Ask("10.0.0.0", 10));

        _time.Advance(Minute);
        Assert.Equal(
            ["1 more lines about connections from 10.0.0.0 were left out within a minute.", "1948 more lines about connections from other addresses were left out within a minute."],
            _logger.Lines.Select(static line => line.Message).Order());
        Assert.Equal(0, _limiter.Count);
        Assert.Equal(10, Ask("10.0.7.0", 11));
    }

    [Fact]
    public void Admits_ManyAtOnce_CountsAddUp()
    {
        const int Threads = 8;
        const int Each = 5000;
        var counting = new CountingLogger();
        var admitted = new int[Threads];
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (var i = 0; i < Each; i++)
            {
                admitted[thread] += _limiter.Admits(counting, LogLevel.Information, new IPEndPoint(0x0100_000A + (i % 3), i)) ? 1 : 0;
                if (i % 1000 == 0)
                {
                    _time.Advance(Minute / 4);
                }
            }
        });

        _time.Advance(Minute * 2);
        Assert.Equal(0, _limiter.Count);
        Assert.Equal(Threads * Each, admitted.Sum() + counting.LeftOut);

        // 40 quarters of a minute.
        Assert.InRange(admitted.Sum(), 30, 3 * 10 * 11);
    }

    [Fact]
    public void LinesLeftOut_LogFails_NothingIsThrown()
    {
        var failing = new CountingLogger { Failure = new ObjectDisposedException("log") };
        for (var i = 0; i < 11; i++)
        {
            _limiter.Admits(failing, LogLevel.Information, caller: null);
        }

        _time.Advance(Minute);
        Assert.Equal(1, failing.LeftOut);
        Assert.Equal(0, _limiter.Count);
    }

    [Fact]
    public void Dispose_NothingIsSaidAnyMore()
    {
        Ask("192.0.2.1", 11);
        _limiter.Dispose();
        _time.Advance(Minute * 2);
        Assert.Empty(_logger.Lines);
        Assert.Equal(1, Ask("192.0.2.1", 1));
    }

    private static IEnumerable<string> Addresses(int count) => Enumerable.Range(0, count).Select(static i => $"10.0.{i / 256}.{i % 256}");

    private static int CountOf(string message) => int.Parse(message.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>How many of so many lines are admitted.</summary>
    private int Ask(string address, int lines, LogLevel level = LogLevel.Information) =>
        Enumerable.Range(1, lines).Count(port => _limiter.Admits(_logger, level, new IPEndPoint(IPAddress.Parse(address), port)));

    private sealed class CountingLogger : ILogger
    {
        private int _leftOut;

        public int LeftOut => _leftOut;

        public Exception? Failure { get; init; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Add(ref _leftOut, CountOf(formatter(state, exception)));
            if (Failure is not null)
            {
                throw Failure;
            }
        }
    }
}
