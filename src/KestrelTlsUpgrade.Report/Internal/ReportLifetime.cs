using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal;

/// <summary>Tells the report which settings are in force, from the start and after each change.</summary>
internal sealed class ReportLifetime(ReportSource source, TlsUpgradeEndpoints endpoints) : LifecycleService
{
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
