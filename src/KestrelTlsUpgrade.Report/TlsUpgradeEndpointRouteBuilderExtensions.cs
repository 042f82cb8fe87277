using KestrelTlsUpgrade.Report.Internal;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Extension methods that map the report of plaintext and TLS.</summary>
public static class TlsUpgradeEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps a report of the endpoints that upgrade connections to TLS (RFC 2817): whom the next step would meet, the shares of plaintext and
    /// TLS over the last hour and day, the callers and what becomes of them, failures by cause, certificates and the settings in force. Clients
    /// that prefer HTML, as browsers do, get a page, and others JSON; <c>?format=html</c> and <c>?format=json</c> override that.
    /// </summary>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="pattern">The route of the report.</param>
    /// <returns>A builder of the endpoint, for <c>RequireAuthorization</c> and other conventions.</returns>
    /// <remarks>
    /// It is not open by default. Outside Development it answers <c>404 Not Found</c> unless the endpoint itself asks for
    /// authorization, as after <c>RequireAuthorization()</c>, and does not allow anonymous callers; a fallback policy is not enough.
    /// What it shows is collected in memory from this call on, within fixed bounds: counts by the minute for a day, and the 256
    /// callers with the most requests in clear text, and as many over TLS, by the product of their User-Agent and their network (24 bits of
    /// an IPv4 address, 48 of an IPv6 address). It survives a restart if <see cref="KestrelTlsUpgrade.Report.TlsUpgradeReportOptions.Folder"/>
    /// is set. Without a mapped report nothing is collected. Requests for the report itself are not counted.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> or <paramref name="pattern"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The application has not called <c>AddTlsUpgradeReport()</c>.</exception>
    public static IEndpointConventionBuilder MapTlsUpgradeReport(this IEndpointRouteBuilder endpoints, string pattern = "/tls")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var report = endpoints.ServiceProvider.GetService<ReportEndpoint>() ?? throw new InvalidOperationException(
            "MapTlsUpgradeReport() needs the services of the report. Call builder.Services.AddTlsUpgradeReport(), "
            + "beside builder.WebHost.UseTlsUpgrade().");
        report.Start();
        var mapped = endpoints.Map(pattern, report.AnswerAsync).WithDisplayName($"{pattern} TLS upgrade report");
        mapped.Finally(report.Check);
        return mapped;
    }
}
