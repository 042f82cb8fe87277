using System.Net;
using System.Text;
using KestrelTlsUpgrade.Internal.Fallback;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Fallback;

public sealed class FallbackMemoryTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly IPEndPoint Caller = new(IPAddress.Parse("192.0.2.7"), 4000);
    private static readonly FallbackCause Rejected = FallbackCause.Of(FailureCause.ClientRejectedCertificate, null);
    private static readonly FallbackCause Lost = FallbackCause.Of(FailureCause.Reset, null);
    private static readonly FallbackCause Gone = FallbackCause.Of(FailureCause.GoneAfterHandshake, null);
    private static readonly FallbackCause Unnamed = FallbackCause.Of(FailureCause.NameNotInCertificate, null);

    private readonly FakeTimeProvider _time = new();
    private readonly FallbackMemory _memory;

    public FallbackMemoryTests() => _memory = new(Lifetime, _time);

    [Fact]
    public void Failed_IsDeclinedForTheLifetime()
    {
        Fail(Rejected);
        _time.Advance(Lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(DeclineReason.FellBack, Judge());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DeclineReason.None, Judge());
    }

    /// <summary>The same address from another port is the same caller, and so is the same address in the form of the other family.</summary>
    [Theory]
    [InlineData("192.0.2.7", "old/1.0", "host.test", DeclineReason.FellBack)]
    [InlineData("::ffff:192.0.2.7", "old/1.0", "host.test", DeclineReason.FellBack)]
    [InlineData("192.0.2.7", "old/1.0", "other.test", DeclineReason.FellBack)]
    [InlineData("192.0.2.8", "old/1.0", "host.test", DeclineReason.None)]
    [InlineData("192.0.2.7", "old/1.1", "host.test", DeclineReason.None)]
    [InlineData("192.0.2.7", "", "host.test", DeclineReason.None)]
    public void Failed_IsTheCaller_AddressAndUserAgent(string address, string userAgent, string host, object reason)
    {
        Fail(Rejected);
        Assert.Equal(reason, Judge(new(IPAddress.Parse(address), 9), userAgent, host));
    }

    [Fact]
    public void Failed_InIPv6_IsTheNetworkOfTheCaller()
    {
        Fail(Rejected, new(IPAddress.Parse("2001:db8:1:2::a"), 1));
        Assert.Equal(DeclineReason.FellBack, Judge(new(IPAddress.Parse("2001:db8:1:2:ffff::b"), 1)));
        Assert.Equal(DeclineReason.None, Judge(new(IPAddress.Parse("2001:db8:1:3::a"), 1)));
    }

    /// <summary>A certificate suits the one host and not the other.</summary>
    [Fact]
    public void FailedByName_IsDeclinedForThatHostOnly()
    {
        Succeed(host: "host.test");
        Fail(Unnamed, host: "192.0.2.1");
        Assert.Equal(DeclineReason.FellBack, Judge(host: "192.0.2.1"));
        Assert.Equal(DeclineReason.None, Judge(host: "HOST.test"));
    }

    [Fact]
    public void Lost_IsDeclinedForMinutes_TwiceAsLongEachTime()
    {
        foreach (var minutes in new[] { 5, 10, 20, 40, 60, 60 })
        {
            Fail(Lost);
            _time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            Assert.Equal(DeclineReason.FellBack, Judge());
            _time.Advance(TimeSpan.FromSeconds(1));
            var request = Request();
            Assert.Equal(DeclineReason.None, _memory.Judge(Caller, request));
            request.Trial!.Abandon();
        }
    }

    /// <summary>An attacker on the path can end a handshake before its Finished.</summary>
    [Fact]
    public void Succeeded_FailsBeforeFinished_IsNotDeclined()
    {
        var first = Begin();
        _time.Advance(FallbackMemory.FirstLimit);
        var second = Begin();
        _memory.Succeed(first);
        Assert.Null(_memory.Fail(second, Rejected, out _));
        Assert.Equal(DeclineReason.None, Judge());
    }

    /// <summary>
    /// A client that leaves in good order may have rejected the certificate. Its offers are all accepted, but each is watched until a client
    /// continues over TLS.
    /// </summary>
    [Fact]
    public void LeftInGoodOrder_IsWatchedOn()
    {
        _memory.Succeed(Begin(), isCertain: false);
        var (second, third) = (Begin(), Begin());
        Assert.Null(_memory.Fail(second, Rejected, out _));
        Assert.Equal(FallbackMemory.BriefLifetime, _memory.Fail(third, Gone, out _));
        Assert.Equal(DeclineReason.FellBack, Judge());
    }

    [Fact]
    public void WentOnOverTls_IsCertain()
    {
        var (first, second) = (Begin(), default(FallbackTrial));
        _time.Advance(FallbackMemory.FirstLimit);
        second = Begin();
        _memory.Succeed(first);
        Assert.Null(_memory.Fail(second, Gone, out _));
        Assert.Null(Begun());
    }

    [Fact]
    public void LeftInGoodOrder_SaysNothingAgainstAFailure_AndGoingOnDoes()
    {
        var trials = new List<FallbackTrial>();
        for (var i = 0; i < 3; i++)
        {
            trials.Add(Begin());
            _time.Advance(FallbackMemory.FirstLimit);
        }

        _memory.Fail(trials[0], Rejected, out _);
        _memory.Succeed(trials[1], isCertain: false);
        Assert.Equal(DeclineReason.FellBack, Judge());
        _memory.Succeed(trials[2], isCertain: true);
        Assert.Null(Begun());
    }

    /// <summary>Offers do not renew it: a client whose trust has changed would fail for ever.</summary>
    [Fact]
    public void Succeeded_IsForgottenAfterADay()
    {
        Succeed();
        _time.Advance(TimeSpan.FromHours(23));
        Assert.Null(Begun());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(Begun());
    }

    /// <summary>A pool opens many connections at once. One of them shows whether TLS works.</summary>
    [Fact]
    public void Unknown_HasOneOfferAtATime_ForTwoSecondsAtMost()
    {
        var first = Begin();
        Assert.Equal(DeclineReason.FirstUnderWay, Judge());
        _time.Advance(FallbackMemory.FirstLimit - TimeSpan.FromMilliseconds(1));
        Assert.Equal(DeclineReason.FirstUnderWay, Judge());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var second = Begin();

        // The end of the first does not let a third begin beside the second.
        _memory.Abandon(first);
        Assert.Equal(DeclineReason.FirstUnderWay, Judge());
        _memory.Abandon(second);
        Assert.Equal(DeclineReason.None, Judge());
    }

    [Fact]
    public void Succeeded_HasAsManyAsItLikes()
    {
        Succeed();
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(Begun());
        }
    }

    [Theory]
    [InlineData(nameof(FailureCause.Aborted))]
    [InlineData(nameof(FailureCause.TlsDisagrees))]
    [InlineData(nameof(FailureCause.HandshakeFailed))]
    [InlineData(nameof(FailureCause.MarkMismatch))]
    public void FailedByTheServer_SaysNothing(string cause)
    {
        Assert.Null(_memory.Fail(Begin(), FallbackCause.Of(Enum.Parse<FailureCause>(cause), new InvalidOperationException()), out _));
        Assert.Equal(DeclineReason.None, Judge());
    }

    /// <summary>Each cause is decided on: what the client causes counts, and whether for an hour or for minutes.</summary>
    [Fact]
    public void Causes_AreDecidedOn() => Assert.Equal(
        """
        Aborted: not counted
        BrowserHello: counted
        ClientAlert: counted
        ClientCertificateMissing: counted
        ClientCertificateRejected: counted
        ClientRejectedCertificate: counted
        Closed: counted briefly
        DirectHttp1: not counted
        FellBack: not counted
        GoneAfterCertificate: counted briefly
        GoneAfterHandshake: counted briefly for the host
        HandshakeFailed: counted briefly
        Http2Offered: counted
        MarkMismatch: not counted
        MarkWithoutUpgrade: not counted
        NameNotInCertificate: counted for the host
        NoSharedCipher: counted
        NoSharedVersion: counted
        None: not counted
        PlaintextAfter101: counted
        Reset: counted briefly
        ServerNameMismatch: counted for the host
        ServerNameMissing: counted for the host
        ServerNameUnknown: counted for the host
        Timeout: counted briefly
        TlsDisagrees: not counted
        UnmarkedClient: counted
        UnreadableHello: counted briefly
        """,
        string.Join('\n', Enum.GetValues<FailureCause>().Select(Describe).Order(StringComparer.Ordinal)));

    [Fact]
    public void WithoutAnAddress_NobodyIsRemembered()
    {
        var request = Request();
        Assert.Equal(DeclineReason.None, _memory.Judge(new System.Net.Sockets.UnixDomainSocketEndPoint("/tmp/x"), request));
        Assert.Null(request.Trial);
        Assert.Equal(0, _memory.Count);
    }

    /// <summary>A client that invents names fills the places of its own address only.</summary>
    [Fact]
    public void OneAddress_FillsItsPlacesOnly()
    {
        for (var i = 0; i < 1000; i++)
        {
            Fail(Rejected, userAgent: $"invented/{i}");
        }

        Assert.Equal(FallbackTable.CapacityPerAddress, _memory.Count);
        Assert.Equal(DeclineReason.FellBack, Judge(userAgent: "invented/999"));
        Assert.Equal(DeclineReason.None, Judge(userAgent: "invented/0"));
        Assert.Equal(DeclineReason.None, Judge(new(IPAddress.Parse("192.0.2.8"), 1)));
    }

    /// <summary>As behind a balancer without the PROXY protocol: those that work displace nobody for whom TLS fails.</summary>
    [Fact]
    public void OneAddress_IsFull_FailuresAreKept()
    {
        Fail(Rejected);
        for (var i = 0; i < 100; i++)
        {
            _memory.Succeed(Begin(userAgent: $"trusting/{i}"));
        }

        Assert.Equal(DeclineReason.FellBack, Judge());
        Fail(Rejected, userAgent: "distrusting/1");
        Assert.Equal(DeclineReason.FellBack, Judge(userAgent: "distrusting/1"));
        Assert.Equal(FallbackTable.CapacityPerAddress, _memory.Count);
    }

    /// <summary>Certificates differ by server name, and a client may trust one of them.</summary>
    [Fact]
    public void SucceededWithOneHost_RejectsTheCertificateOfAnother_IsDeclinedThere()
    {
        Succeed(host: "trusted.test");
        Fail(Rejected, host: "other.test");
        Assert.Equal(DeclineReason.FellBack, Judge(host: "other.test"));
        Assert.Null(Begun(host: "trusted.test"));
    }

    /// <summary>From many addresses, what has succeeded or is over gives way before what has failed.</summary>
    [Fact]
    public void Table_IsBounded_AndKeepsFailures()
    {
        Fail(Rejected);
        for (var i = 0; i < 2 * FallbackTable.Capacity; i++)
        {
            Succeed(new(new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]), 1));
        }

        Assert.Equal(FallbackTable.Capacity, _memory.Count);
        Assert.Equal(DeclineReason.FellBack, Judge());
    }

    [Fact]
    public void Failed_ReportsTheFirstTime()
    {
        Assert.Equal(Lifetime, _memory.Fail(Begin(), Rejected, out var isFirst));
        Assert.True(isFirst);
        _time.Advance(Lifetime);
        Assert.Equal(Lifetime, _memory.Fail(Begin(), Rejected, out isFirst));
        Assert.False(isFirst);
    }

    [Fact]
    public void ShortLifetime_BoundsTheMinutes()
    {
        var memory = new FallbackMemory(TimeSpan.FromSeconds(7), _time);
        var request = Request();
        memory.Judge(Caller, request);
        Assert.Equal(TimeSpan.FromSeconds(7), memory.Fail(request.Trial!, Lost, out _));
    }

    private static string Describe(FailureCause cause) =>
        FallbackCause.Of(cause, new IOException()) is { Counts: true } counted
            ? $"{cause}: counted{(counted.IsBrief ? " briefly" : "")}{(counted.IsOfHost ? " for the host" : "")}"
            : $"{cause}: not counted";

    private static UpgradeRequest Request(string userAgent = "old/1.0", string host = "host.test") => new(
        UpgradeToken.Tls12,
        host,
        Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n{(userAgent.Length > 0 ? $"user-agent: {userAgent} (x)\r\n" : "")}\r\n"),
        isFirst: true);

    private DeclineReason Judge(IPEndPoint? caller = null, string userAgent = "old/1.0", string host = "host.test") =>
        _memory.Judge(caller ?? Caller, Request(userAgent, host));

    private FallbackTrial? Begun(IPEndPoint? caller = null, string userAgent = "old/1.0", string host = "host.test")
    {
        var request = Request(userAgent, host);
        Assert.Equal(DeclineReason.None, _memory.Judge(caller ?? Caller, request));
        return request.Trial;
    }

    private FallbackTrial Begin(IPEndPoint? caller = null, string userAgent = "old/1.0", string host = "host.test") =>
        Begun(caller, userAgent, host)!;

    private void Succeed(IPEndPoint? caller = null, string host = "host.test") => _memory.Succeed(Begin(caller, host: host));

    private void Fail(FallbackCause cause, IPEndPoint? caller = null, string userAgent = "old/1.0", string host = "host.test")
    {
        var request = Request(userAgent, host);
        if (_memory.Judge(caller ?? Caller, request) is DeclineReason.None)
        {
            _memory.Fail(request.Trial!, cause, out _);
        }
    }
}
