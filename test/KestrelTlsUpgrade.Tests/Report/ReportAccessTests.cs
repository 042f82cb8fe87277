using KestrelTlsUpgrade.Internal.Report;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class ReportAccessTests
{
    private static readonly AuthorizeAttribute Authorize = new("ops");
    private static readonly AllowAnonymousAttribute AllowAnonymous = new();

    public static TheoryData<object[], bool> Metadata => new()
    {
        { [], false },
        { [Authorize], true },
        { [new AuthorizeAttribute()], true },
        { [AllowAnonymous], false },
        { [Authorize, AllowAnonymous], false },
        { [AllowAnonymous, Authorize], false },

        // Nothing fails a request that has come past these.
        { [new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()], false },
        { ["ops"], false },
    };

    [Theory]
    [MemberData(nameof(Metadata))]
    public void IsOpen_InProduction_GoesByTheMetadata(object[] metadata, bool expected)
    {
        var endpoint = new Endpoint(requestDelegate: null, new(metadata), displayName: null);
        Assert.Equal(expected, ReportAccess.IsOpen(endpoint, new Host("Production")));
        Assert.Equal(expected, ReportAccess.IsOpen(endpoint, new Host("Staging")));
        Assert.True(ReportAccess.IsOpen(endpoint, new Host("Development")));
    }

    [Fact]
    public void IsOpen_WithoutEndpoint_IsNot() => Assert.False(ReportAccess.IsOpen(endpoint: null, new Host("Production")));

    private sealed class Host(string environment) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = environment;

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
