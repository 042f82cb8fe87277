using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Endpoints;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Inspects the certificates of all endpoints at start-up. While the server runs, inspects those of each endpoint whose settings change.
/// </summary>
internal abstract class CertificateInspection(TlsUpgradeEndpoints endpoints) : LifecycleService
{
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        endpoints.Changed += InspectEndpoint;
        InspectAll();
        return Task.CompletedTask;
    }

    public override Task StoppingAsync(CancellationToken cancellationToken)
    {
        endpoints.Changed -= InspectEndpoint;
        return Task.CompletedTask;
    }

    protected void InspectAll() => InspectEndpoint(changed: null);

    /// <summary>Inspects one certificate. Must not throw: the application may have disposed of the certificate.</summary>
    protected abstract void Inspect(LoadedCertificate loaded);

    /// <param name="changed">The endpoint whose settings have changed; all of them if <see langword="null"/>.</param>
    protected virtual void InspectEndpoint(IUpgradeEndpoint? changed)
    {
        foreach (var loaded in endpoints.FindCertificates(changed))
        {
            Inspect(loaded);
        }
    }
}
