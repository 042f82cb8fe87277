using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Report.Internal.Content;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Report;

/// <summary>What of the counts still says something of the steps to come.</summary>
public sealed class CallersReaderTests
{
    private static readonly DateTimeOffset Start = new(2030, 2, 3, 4, 5, 6, 700, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly ReportCollector _collector;
    private readonly Caller _caller;

    public CallersReaderTests()
    {
        _collector = new(_time);
        _collector.Start();
        _caller = _collector.Callers.GetOrAdd("curl/8", default);
        _caller.Add(CallerFigure.Plain, Now);
        _caller.Add(CallerFigure.Navigating, Now);
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    [Fact]
    public void Requests_CountForAWeek()
    {
        _caller.AddDeclined(DeclineReason.NotRequired, isAsterisk: true, Now);
        _caller.AddDeclined(DeclineReason.ByCode, isAsterisk: false, Now);
        _caller.Resources.AddTolerated("/jobs", 426, isOffering: true, era: 0, Now);
        _caller.Resources.AddRefused("/jobs", 403, isOffering: true, Now);
        _time.Advance(TimeSpan.FromDays(7));
        var outlook = Read();
        Assert.Equal((1, 1, 1, 1, 1), (outlook.Plain, outlook.Navigating, outlook.Offering, outlook.OfferingAsterisk, outlook.RefusedOffering));
        Assert.Equal([new("/jobs", 426, 1, 1)], outlook.WouldBe);
        Assert.Equal(["/jobs"], outlook.RefusedOfferingResources);
        _time.Advance(TimeSpan.FromSeconds(1));
        outlook = Read();
        Assert.Equal((0, 0, 0, 0, 0), (outlook.Plain, outlook.Navigating, outlook.Offering, outlook.OfferingAsterisk, outlook.RefusedOffering));
        Assert.Empty(outlook.WouldBe);
    }

    [Fact]
    public void Requests_UnderOtherSettings_SayNothing()
    {
        _collector.Rules.Note("Offers=None", Now);
        _time.Advance(TimeSpan.FromMinutes(1));
        _collector.Rules.Note("Offers=All", Now);
        Assert.Equal((0, 0), (Read().Plain, Read().Navigating));
        _caller.Add(CallerFigure.Plain, Now);
        Assert.Equal((2, 0), (Read().Plain, Read().Navigating));
    }

    [Fact]
    public void Failure_CountsUntilTheCertificateChanges()
    {
        _collector.Certificates.Note("one", Now);
        Assert.Null(Read().Failing);
        Fail(FailureCause.ClientRejectedCertificate);
        Assert.Equal("client_rejected_certificate", Read().Failing!.Cause);

        // Another client of the same network may trust it.
        _time.Advance(TimeSpan.FromMinutes(1));
        _caller.Add(CallerFigure.Upgraded, Now);
        Assert.NotNull(Read().Failing);
        _collector.Certificates.Note("other", Now);
        Assert.Null(Read().Failing);
    }

    /// <summary>One bad moment can cause it.</summary>
    [Theory]
    [InlineData(nameof(FailureCause.Reset))]
    [InlineData(nameof(FailureCause.Closed))]
    [InlineData(nameof(FailureCause.Timeout))]
    [InlineData(nameof(FailureCause.GoneAfterCertificate))]
    [InlineData(nameof(FailureCause.GoneAfterHandshake))]
    public void Failure_ThatABadMomentCanCause_CountsUntilTheNextSuccess(string cause)
    {
        Fail(Enum.Parse<FailureCause>(cause));
        Assert.NotNull(Read().Failing);
        _time.Advance(TimeSpan.FromSeconds(1));
        _caller.Add(CallerFigure.AfterUpgrade, Now);
        Assert.Null(Read().Failing);
    }

    [Fact]
    public void Failure_OfTheServer_IsNotTheCallers()
    {
        Fail(FailureCause.Aborted);
        Assert.Null(Read().Failing);
    }

    /// <summary>Each reason is one that a step removes, one that stays, or one that says nothing of the next offer.</summary>
    [Fact]
    public void Offers_DeclinedForWhatStays_AreMetByTheLastStep()
    {
        foreach (var reason in Enum.GetValues<DeclineReason>())
        {
            _caller.AddDeclined(reason, isAsterisk: false, Now);
        }

        Assert.Equal((5, 6), (Read().Offering, Read().OfferingInVain));
    }

    [Fact]
    public void Fallback_IsToldUntilItIsOver()
    {
        _caller.FallBack(Now.AddHours(1), Now);
        Assert.Equal(new DateTimeOffset(2030, 2, 3, 5, 5, 6, TimeSpan.Zero), ReadCaller().FallenBackUntil);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(ReadCaller().FallenBackUntil);
    }

    [Fact]
    public void Fallback_EndsWithTheCertificate()
    {
        _collector.Certificates.Note("one", Now);
        _caller.FallBack(Now.AddHours(1), Now);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(ReadCaller().FallenBackUntil);
        _collector.Certificates.Note("other", Now);
        Assert.Null(ReadCaller().FallenBackUntil);
    }

    [Fact]
    public void Success_CountsUntilTheCertificateChanges()
    {
        _collector.Certificates.Note("one", Now);
        Assert.False(Read().HasSucceeded);
        _caller.Add(CallerFigure.Upgraded, Now);

        // It may check the certificate last.
        Assert.False(Read().HasSucceeded);
        _caller.Add(CallerFigure.AfterUpgrade, Now);
        Assert.True(Read().HasSucceeded);
        _time.Advance(TimeSpan.FromMinutes(1));
        _collector.Certificates.Note("other", Now);
        Assert.False(Read().HasSucceeded);
    }

    [Fact]
    public void Caller_InBothTables_IsOne()
    {
        _collector.DirectCallers.GetOrAdd("curl/8", default).Add(CallerFigure.DirectTls, Now);
        _collector.DirectCallers.GetOrAdd("direct/1", default).Add(CallerFigure.DirectTls, Now);
        var callers = CallersReader.Read(_collector, Now).All;
        Assert.Equal(["curl/8 2 1", "direct/1 0 1"], callers.Select(static caller => $"{caller.Product} {caller.Plaintext} {caller.DirectTls}"));
    }

    /// <summary>Who was shut out says nothing of its upgrades, and counts until the settings change.</summary>
    [Fact]
    public void ShutOut_OfACallerInClearTextToo_IsToldApart()
    {
        _collector.Rules.Note("DirectTls=Http2Only", Now);
        Fail(FailureCause.NoSharedVersion);
        var direct = _collector.DirectCallers.GetOrAdd("curl/8", default);
        direct.Add(CallerFigure.DirectShutOut, Now);
        direct.Failures.Add(new(FailureCause.NoSharedVersion, 1, Now));
        direct.Failures.Add(new(FailureCause.DirectHttp1, 2, Now));
        var caller = ReadCaller();
        Assert.Equal((1, 1, 1), (caller.FailedUpgrades, caller.DirectTlsShutOut, caller.Outlook.ShutOut));
        Assert.Equal(["no_shared_version", "direct_http1", "no_shared_version"], caller.Failures.Select(static row => row.Cause));
        Assert.Equal([true, false, false], caller.Failures.Select(static row => row.Owner.Contains("OffersFrom", StringComparison.Ordinal)));
        _time.Advance(TimeSpan.FromMinutes(1));
        _collector.Rules.Note("DirectTls=Any", Now);
        Assert.Equal((1, 0), (ReadCaller().DirectTlsShutOut, Read().ShutOut));
    }

    [Fact]
    public void ShutOut_WhoNeverWasElsewhere_HasNoUpgradeThatFails()
    {
        var direct = _collector.DirectCallers.GetOrAdd("CUPS/2", default);
        direct.Add(CallerFigure.DirectShutOut, Now);
        direct.Failures.Add(new(FailureCause.DirectHttp1, 1, Now));
        var caller = CallersReader.Read(_collector, Now).All.Single(static caller => caller.Product is "CUPS/2");
        Assert.Equal((0, 1, null), (caller.FailedUpgrades, caller.DirectTlsShutOut, caller.Outlook.Failing));
        Assert.Single(caller.Failures);
        Assert.False(caller.IsSecure);
    }

    private void Fail(FailureCause cause)
    {
        _caller.Add(CallerFigure.Failed, Now);
        _caller.Failures.Add(new(cause, 1, Now));
    }

    private CallerContent ReadCaller() => Assert.Single(CallersReader.Read(_collector, Now).All);

    private CallerOutlook Read() => ReadCaller().Outlook;
}
