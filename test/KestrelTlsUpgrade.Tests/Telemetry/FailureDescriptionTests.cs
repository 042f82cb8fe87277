using System.Net;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Telemetry;

/// <summary>A cause that lacks a row is found here, and never on a connection.</summary>
public sealed class FailureDescriptionTests
{
    public static TheoryData<string> Refusals =>
        [.. FailureDescription.All.Where(static row => row.Kind is FailureKind.Refused).Select(static row => row.Cause.ToString())];

    [Fact]
    public void All_EveryCause_HasOneRow() => Assert.Equal(
        Enum.GetValues<FailureCause>().Where(static cause => cause is not FailureCause.None),
        FailureDescription.All.Select(static row => row.Cause));

    [Fact]
    public void All_TagsAndMeanings_AreDistinct()
    {
        Assert.Distinct(FailureDescription.All.Select(static row => row.Tag));
        Assert.Distinct(FailureDescription.All.Select(static row => row.Meaning));
        Assert.All(FailureDescription.All, static row => Assert.Matches("^[a-z0-9]+(_[a-z0-9]+)*$", row.Tag));
    }

    [Fact]
    public void All_SayWhatToDoOnBothSides()
    {
        Assert.All(FailureDescription.All, static row => Assert.EndsWith(".", row.Owner, StringComparison.Ordinal));
        Assert.All(FailureDescription.All, static row => Assert.EndsWith(".", row.Client, StringComparison.Ordinal));
    }

    [Fact]
    public void Of_CauseWithoutARow_IsAFailedHandshake() =>
        Assert.Equal(FailureCause.HandshakeFailed, FailureDescription.Of((FailureCause)999).Cause);

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refusal_OfEveryCause_IsLoggedOnce(string name)
    {
        var logger = new RecordingLogger();
        using var limiter = new CallerLogLimiter(TimeProvider.System);
        var connection = new TestConnection().Context;
        connection.RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1);
        var hello = ClientHelloParser.Parse(MadeHello.Offering("other.test", "http/1.1").ToMessage());

        new RefusalLog(logger, limiter).Write(connection, Enum.Parse<FailureCause>(name), HandshakeWatches.Upgrade(), hello);

        Assert.Single(logger.Lines);
    }
}
