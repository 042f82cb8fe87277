using KestrelTlsUpgrade.Report.Internal;
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
        var context = CreateContext(metadata, isAsked: true);
        Assert.Equal(expected, ReportAccess.IsOpen(context, new Host("Production")));
        Assert.Equal(expected, ReportAccess.IsOpen(context, new Host("Staging")));
        Assert.True(ReportAccess.IsOpen(context, new Host("Development")));
    }

    [Fact]
    public void IsOpen_WhereAuthorizationWasNotAsked_IsNot()
    {
        var context = CreateContext([Authorize], isAsked: false);
        Assert.False(ReportAccess.IsOpen(context, new Host("Production")));
        Assert.True(ReportAccess.IsOpen(context, new Host("Development")));
    }

    [Fact]
    public void IsOpen_WithoutEndpoint_IsNot() => Assert.False(ReportAccess.IsOpen(new DefaultHttpContext(), new Host("Production")));

    private static DefaultHttpContext CreateContext(object[] metadata, bool isAsked)
    {
        var context = new DefaultHttpContext();
        context.SetEndpoint(new(requestDelegate: null, new(metadata), displayName: null));
        if (isAsked)
        {
            context.Items[ReportAccess.AskedKey] = new object();
        }

        return context;
    }

    private sealed class Host(string environment) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = environment;

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
