using System.Net;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Tunnel.Internal.Hosting;

/// <summary>Rejects option values that make no sense.</summary>
internal sealed class ConnectTunnelOptionsValidator : IValidateOptions<ConnectTunnelOptions>
{
    public ValidateOptionsResult Validate(string? name, ConnectTunnelOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        ValidatePorts(options.AllowedPorts, nameof(options.AllowedPorts), result);
        ValidatePorts(options.AllowedOwnPorts, nameof(options.AllowedOwnPorts), result);
        foreach (var host in options.ServedHosts.Where(static host => host is null || ServedHost.Parse(host) is null))
        {
            result.AddError(
                $"'{host}' is not a host. Use www.example.com, www.example.com:8080, *.example.com or *.", nameof(options.ServedHosts));
        }

        Require(options.MaxTunnels > 0, "It has to be at least 1. Use Enabled = false for none.", nameof(options.MaxTunnels), result);
        Require(options.MaxTunnelsPerCaller > 0, "It has to be at least 1.", nameof(options.MaxTunnelsPerCaller), result);
        RequireTime(options.ConnectTimeout, nameof(options.ConnectTimeout), result);
        RequireTime(options.LingerTimeout, nameof(options.LingerTimeout), result);
        if (options.IdleTimeout != Timeout.InfiniteTimeSpan)
        {
            RequireTime(options.IdleTimeout, nameof(options.IdleTimeout), result);
        }

        ValidateAuthorization(options, result);
        ValidateUpstreamProxy(options, result);
        return result.Build();
    }

    private static void ValidatePorts(IEnumerable<int> ports, string property, ValidateOptionsResultBuilder result)
    {
        foreach (var port in ports.Where(static port => port is < 1 or > IPEndPoint.MaxPort))
        {
            result.AddError($"{port} is not a port. Use 1 to 65535.", property);
        }
    }

    private static void ValidateAuthorization(ConnectTunnelOptions options, ValidateOptionsResultBuilder result)
    {
        Require(
            options.Authorize is null || options.AuthorizationPolicy is null,
            $"There is {nameof(options.Authorize)} too. Only one of them can decide.",
            nameof(options.AuthorizationPolicy),
            result);
        Require(options.AuthorizationPolicy is not "", "It is empty.", nameof(options.AuthorizationPolicy), result);
        if (options.ProxyChallenge is { } challenge)
        {
            Require(
                options.AuthorizationPolicy is not null,
                $"It has no effect without {nameof(options.AuthorizationPolicy)}.",
                nameof(options.ProxyChallenge),
                result);
            Require(
                !string.IsNullOrWhiteSpace(challenge) && ConnectTunnelAuthorizationResult.IsFieldValue(challenge),
                "It has to have printable characters of ASCII, and no others.",
                nameof(options.ProxyChallenge),
                result);
        }
    }

    /// <summary>Never includes the value in a message: it may contain credentials.</summary>
    private static void ValidateUpstreamProxy(ConnectTunnelOptions options, ValidateOptionsResultBuilder result)
    {
        var uri = options.UpstreamProxy;
        Require(
            uri is null || IsProxy(uri),
            "It has to be http://proxy:port or https://proxy:port, with nothing behind it.",
            nameof(options.UpstreamProxy),
            result);
        Require(
            options.UpstreamProxySsl is null || (uri is { IsAbsoluteUri: true } && uri.Scheme == Uri.UriSchemeHttps),
            $"It has no effect without an https {nameof(options.UpstreamProxy)}.",
            nameof(options.UpstreamProxySsl),
            result);
        if (options.ForwardProxyAuthorization)
        {
            Require(
                uri is not null,
                $"It has no effect without {nameof(options.UpstreamProxy)}.",
                nameof(options.ForwardProxyAuthorization),
                result);
            Require(
                uri is not { IsAbsoluteUri: true, UserInfo.Length: > 0 },
                $"{nameof(options.UpstreamProxy)} has credentials of its own. Only one can be sent.",
                nameof(options.ForwardProxyAuthorization),
                result);
        }
    }

    private static bool IsProxy(Uri uri) =>
        uri.IsAbsoluteUri
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri is { PathAndQuery: "/", Fragment: "" };

    private static void RequireTime(TimeSpan time, string property, ValidateOptionsResultBuilder result) =>
        Require(time > TimeSpan.Zero && time.TotalDays < 1, $"{time} is not a time of more than nothing and less than a day.", property, result);

    private static void Require(bool condition, string error, string property, ValidateOptionsResultBuilder result)
    {
        if (!condition)
        {
            result.AddError(error, property);
        }
    }
}
