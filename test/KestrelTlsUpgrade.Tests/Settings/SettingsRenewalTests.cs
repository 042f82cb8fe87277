using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Settings;

public sealed class SettingsRenewalTests
{
    private readonly FakeEndpoint _endpoint = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();
    private readonly SettingsRenewal _renewal;

    public SettingsRenewalTests() => _renewal = new SettingsRenewal(_endpoint, new SharedFailures(_time), _time, _logger);

    [Fact]
    public void Unchanged_NothingIsDone()
    {
        Assert.False(_renewal.Check());
        Assert.False(_renewal.Check());
        Assert.Equal(0, _endpoint.Reloads);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void Changed_TakenUpOnceItIsAtRest()
    {
        _endpoint.Configuration = "half written";
        Assert.False(_renewal.Check());
        _endpoint.Configuration = "written";
        Assert.False(_renewal.Check());
        Assert.Equal(0, _endpoint.Reloads);

        Assert.True(_renewal.Check());
        Assert.Equal("written", _endpoint.State.Fingerprint);
        Assert.Equal((LogLevel.Information, "SettingsReloaded"), Line());
        Assert.False(_renewal.Check());
        Assert.Equal(1, _endpoint.Reloads);
    }

    [Fact]
    public void ChangedAndBackAgain_NothingIsDone()
    {
        _endpoint.Configuration = "other";
        Assert.False(_renewal.Check());
        _endpoint.Configuration = "start";
        Assert.False(_renewal.Check());
        Assert.False(_renewal.Check());
        Assert.Equal(0, _endpoint.Reloads);
    }

    [Fact]
    public void CannotBeTaken_SaysSoOnceAndTriesAgainNowAndThen()
    {
        Break("bad", "TlsUpgrade:Certificate is bad.");
        Assert.Equal(1, _endpoint.Reloads);
        Assert.Equal((LogLevel.Error, "SettingsNotReloaded"), Line());
        Assert.Contains("TlsUpgrade:Certificate is bad.", _logger.Lines[0].Message, StringComparison.Ordinal);
        Assert.Equal("start", _endpoint.State.Fingerprint);
        Assert.Equal("TlsUpgrade:Certificate is bad.", _endpoint.ReloadFailure);

        Assert.False(_renewal.Check());
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(_renewal.Check());
        Assert.Equal(1, _endpoint.Reloads);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_renewal.Check());
        Assert.Equal(2, _endpoint.Reloads);
        Assert.Single(_logger.Lines);
    }

    /// <summary>Such as a certificate that was not valid yet.</summary>
    [Fact]
    public void CannotBeTakenYet_IsTakenWithoutAChange()
    {
        Break("early", "not yet");
        _endpoint.Failure = null;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_renewal.Check());
        Assert.Equal("early", _endpoint.State.Fingerprint);
    }

    [Fact]
    public void CannotBeTaken_Mended_IsTakenAtOnce()
    {
        Break("bad", "bad");
        _endpoint.Failure = null;
        _endpoint.Configuration = "good";
        Assert.False(_renewal.Check());
        Assert.True(_renewal.Check());
        Assert.Null(_endpoint.ReloadFailure);
    }

    [Fact]
    public void CannotBeTakenForAnotherReason_SaysThatToo()
    {
        Break("bad", "first");
        Break("worse", "second");
        Assert.Equal(2, _logger.Lines.Count);
    }

    [Fact]
    public void CannotBeTaken_PutBack_AndBadAgain_SaysItAgain()
    {
        Break("bad", "bad");
        _endpoint.Configuration = "start";
        Assert.False(_renewal.Check());
        Assert.Null(_endpoint.ReloadFailure);
        Break("bad", "bad");
        Assert.Equal(2, _logger.Lines.Count);
    }

    /// <summary>A timer has nobody to throw at but the process.</summary>
    [Fact]
    public void CannotBeLookedAt_SaysSoOnceAndGoesOn()
    {
        _endpoint.StateFailure = new ArgumentException("no such thing");
        Assert.False(_renewal.Check());
        Assert.False(_renewal.Check());
        Assert.Equal((LogLevel.Error, "SettingsNotReloaded"), Line());
        Assert.Single(_logger.Lines);

        _endpoint.StateFailure = null;
        _endpoint.Configuration = "good";
        Assert.False(_renewal.Check());
        Assert.True(_renewal.Check());
    }

    /// <summary>An application that sets a value of its configuration while it is listed is none that anybody has to look after.</summary>
    [Fact]
    public void CannotBeListedJustNow_IsLeftToTheNextLook()
    {
        _endpoint.StateFailure = new InvalidOperationException("Collection was modified.");
        Assert.False(_renewal.Check());
        Assert.Empty(_logger.Lines);
        _endpoint.StateFailure = null;
        Assert.False(_renewal.Check());
        Assert.Empty(_logger.Lines);

        _endpoint.StateFailure = new InvalidOperationException("Collection was modified.");
        Assert.False(_renewal.Check());
        Assert.False(_renewal.Check());
        Assert.Equal((LogLevel.Error, "SettingsNotReloaded"), Line());
    }

    /// <summary>The sections differ, and the file is the same.</summary>
    [Fact]
    public void CannotBeTaken_BySeveralEndpoints_SaysSoOnce()
    {
        var failures = new SharedFailures(_time);
        for (var i = 0; i < 3; i++)
        {
            var endpoint = new FakeEndpoint { Configuration = "bad", Failure = new UnusableCertificateException($"Endpoint{i}", ": the file is bad.", null) };
            var renewal = new SettingsRenewal(endpoint, failures, _time, _logger);
            Assert.False(renewal.Check());
            Assert.False(renewal.Check());
            Assert.Equal($"Endpoint{i}: the file is bad.", endpoint.ReloadFailure);
        }

        Assert.Equal([LogLevel.Error, LogLevel.Debug, LogLevel.Debug], _logger.Lines.Select(static line => line.Level));
    }

    /// <summary>The health check and the report say so, and the log does, once for all endpoints.</summary>
    [Fact]
    public void ConfigurationIsNotRead_IsAFailureUntilItIs()
    {
        _endpoint.Unread = [new("The file", "is bad.")];
        Assert.False(_renewal.Check());
        Assert.Equal("The file is bad.", _endpoint.ReloadFailure);
        _endpoint.Unread = [];
        Assert.False(_renewal.Check());
        Assert.Null(_endpoint.ReloadFailure);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void IsStopped_OnlyAfterItWasBound()
    {
        Assert.False(_renewal.IsStopped(new HashSet<string>()));
        Assert.False(_renewal.IsStopped(new HashSet<string> { _endpoint.Address }));
        Assert.True(_renewal.IsStopped(new HashSet<string> { "http://127.0.0.1:8081" }));
    }

    private void Break(string configuration, string failure)
    {
        _endpoint.Configuration = configuration;
        _endpoint.Failure = new InvalidOperationException(failure);
        Assert.False(_renewal.Check());
        Assert.False(_renewal.Check());
    }

    private (LogLevel, string?) Line() => (_logger.Lines[^1].Level, _logger.Lines[^1].Id.Name);
}
