using System.Linq.Expressions;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Abstractions;

namespace KestrelTlsUpgrade.Tests.Settings;

public sealed class HttpsSettingsTests
{
    public static TheoryData<string> Settings { get; } =
    [
        .. typeof(HttpsConnectionAdapterOptions).GetProperties()
            .Where(static property => property.SetMethod is { IsPublic: true })
            .Select(static property => property.Name),
    ];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Copy_EachSetting_IsCopied(string name)
    {
        var setting = typeof(HttpsConnectionAdapterOptions).GetProperty(name)!;
        var from = new HttpsConnectionAdapterOptions();
        var to = new HttpsConnectionAdapterOptions();
        var value = CreateOther(setting, from);
        setting.SetValue(from, value);
        Assert.NotEqual(value, setting.GetValue(to));

        from.CopyTo(to);

        Assert.Equal(value, setting.GetValue(to));
    }

    [Fact]
    public void Copy_UnsetSettings_AreUnsetInTheCopy()
    {
        var to = new HttpsConnectionAdapterOptions
        {
            OnAuthenticate = static (_, _) => { },
            ServerCertificateSelector = static (_, _) => null,
        };

        new HttpsConnectionAdapterOptions().CopyTo(to);

        Assert.Null(to.OnAuthenticate);
        Assert.Null(to.ServerCertificateSelector);
    }

    [Fact]
    public void Copy_InfiniteHandshakeTimeout_IsCopied()
    {
        var to = new HttpsConnectionAdapterOptions();

        new HttpsConnectionAdapterOptions { HandshakeTimeout = Timeout.InfiniteTimeSpan }.CopyTo(to);

        Assert.Equal(TimeSpan.MaxValue, to.HandshakeTimeout);
    }

    /// <summary>A value that the setting does not have by default. A setting of an unforeseen type fails the test.</summary>
    private static object CreateOther(PropertyInfo setting, HttpsConnectionAdapterOptions options)
    {
        var type = setting.PropertyType;
        return setting.GetValue(options) switch
        {
            bool value => !value,
            TimeSpan value => value + TimeSpan.FromSeconds(1),
            Enum value => Enum.GetValues(type).Cast<object>().Last(other => !other.Equals(value)),
            null when type == typeof(X509Certificate2) =>
                new DevelopmentCertificate(ServerClock.System, NullLoggerFactory.Instance).Get(),
            null when type == typeof(X509Certificate2Collection) => new X509Certificate2Collection(),
            null when type.IsSubclassOf(typeof(Delegate)) => CreateDelegate(type),
            _ => throw new NotSupportedException($"{setting}"),
        };
    }

    private static Delegate CreateDelegate(Type type)
    {
        var invoke = type.GetMethod("Invoke")!;
        return Expression.Lambda(
            type,
            Expression.Default(invoke.ReturnType),
            invoke.GetParameters().Select(static parameter => Expression.Parameter(parameter.ParameterType))).Compile();
    }
}
