using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Settings;

public sealed class UnreadConfigurationLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();
    private readonly UnreadConfigurationLog _log;

    public UnreadConfigurationLogTests() => _log = new UnreadConfigurationLog(_time, _logger);

    [Fact]
    public void Write_OnceForAllEndpoints_AndOnceWhenItIsOver()
    {
        UnreadConfiguration[] unread = [new("The file", "is bad."), new("The file", "is bad."), new("The other file", "is gone.")];
        _log.Write(unread);
        _log.Write(unread);
        Assert.Equal([(LogLevel.Error, "ConfigurationNotRead"), (LogLevel.Error, "ConfigurationNotRead")], Lines());
        Assert.StartsWith("The file is bad. What was read", _logger.Lines[0].Message, StringComparison.Ordinal);
        _log.Write(unread[2..]);
        Assert.Equal((LogLevel.Information, "ConfigurationReadAgain"), Lines()[^1]);
        Assert.Equal("The file could be read again.", _logger.Lines[^1].Message);
    }

    /// <summary>While something writes it all the time.</summary>
    [Fact]
    public void Write_AgainAndAgain_OnceAMinute()
    {
        for (var i = 0; i < 10; i++)
        {
            _log.Write([new("The file", $"is bad in line {i}.")]);
            _log.Write([]);
        }

        Assert.Equal(2, Lines().Length);
        _log.Write([new("The file", "is bad.")]);
        _time.Advance(TimeSpan.FromMinutes(1));
        _log.Write([new("The file", "is bad.")]);
        Assert.Equal((LogLevel.Error, "ConfigurationNotRead"), Lines()[2]);
    }

    private (LogLevel, string?)[] Lines() => [.. _logger.Lines.Select(static line => (line.Level, line.Id.Name))];
}
