using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>An endpoint whose configuration the test changes.</summary>
internal sealed class FakeEndpoint : IUpgradeEndpoint
{
    public string Address { get; set; } = "http://127.0.0.1:8080";

    public SettingsSnapshot? Settings { get; private set; }

    public SettingsState State { get; private set; } = new("start");

    /// <summary>The state of the configuration now.</summary>
    public string Configuration { get; set; } = "start";

    /// <summary>What is wrong with the configuration, if anything is.</summary>
    public Exception? Failure { get; set; }

    public int Reloads { get; private set; }

    /// <summary>What keeps the configuration from being looked at, if anything does.</summary>
    public Exception? StateFailure { get; set; }

    public string? ReloadFailure { get; set; }

    public IEnumerable<UnreadConfiguration> Unread { get; set; } = [];

    public SettingsState GetState() => StateFailure is null ? new(Configuration) : throw StateFailure;

    public void Reload()
    {
        Reloads++;
        if (Failure is not null)
        {
            throw Failure;
        }

        State = GetState();
    }

    public void Show(X509Certificate2 certificate, string origin) => Show((certificate, origin));

    public void Show(params (X509Certificate2 Certificate, string Origin)[] certificates)
    {
        var settings = UpgradeConnections.CreateSettings();
        Settings = new()
        {
            Options = settings.Options,
            Policy = settings.Policy,
            Rules = settings.Rules,
            Services = settings.Services,
            Certificates = [.. certificates.Select(static shown => new LoadedCertificate(shown.Certificate, null, shown.Origin))],
        };
    }
}
