using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal;

/// <summary>Checks the settings of the report, and tells it which settings of endpoints are in force, at the start and after each change.</summary>
internal sealed class ReportLifetime(ReportSource source, AddressAccess addresses, TlsUpgradeEndpoints endpoints) : LifecycleService
{
    public override Task StartingAsync(CancellationToken cancellationToken) => addresses.CheckAsync();

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        source.NoteSettings();
        endpoints.Changed += OnChanged;
        return Task.CompletedTask;
    }

    public override Task StoppingAsync(CancellationToken cancellationToken)
    {
        endpoints.Changed -= OnChanged;
        return Task.CompletedTask;
    }

    private void OnChanged(IUpgradeEndpoint? changed) => source.NoteSettings();
}
