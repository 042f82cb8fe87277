using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication.Certificate;
using Microsoft.Extensions.Options;

namespace JsonApi.Administration;

/// <summary>Administrators are known by their client certificate.</summary>
internal static class AdministratorServices
{
    /// <summary>The authorization policy.</summary>
    public const string Policy = "Administrators";

    public static void AddAdministrators(this IServiceCollection services)
    {
        services.AddOptions<AdministratorOptions>()
            .BindConfiguration("Administration")
            .Validate(
                static options => options.AreWellFormed(),
                "Administration:Fingerprints has one that is not a SHA-256 fingerprint: 64 hexadecimal digits, with colons or without.")
            .ValidateOnStart();
        services.AddAuthentication(CertificateAuthenticationDefaults.AuthenticationScheme).AddCertificate(static options =>
        {
            // They are self-signed, and each is named in the configuration: there is no issuer to ask whether one is revoked.
            options.AllowedCertificateTypes = CertificateTypes.SelfSigned;
            options.RevocationMode = X509RevocationMode.NoCheck;
            options.Events = new CertificateAuthenticationEvents { OnCertificateValidated = LetIn };
        });
        services.AddAuthorizationBuilder().AddPolicy(Policy, static policy => policy.RequireAuthenticatedUser());
    }

    /// <summary>Only the fingerprint says who it is: anybody can put any name on a self-signed certificate.</summary>
    private static Task LetIn(CertificateValidatedContext context)
    {
        var administrators = context.HttpContext.RequestServices.GetRequiredService<IOptionsMonitor<AdministratorOptions>>();
        var certificate = context.ClientCertificate;
        if (administrators.CurrentValue.Allow(certificate.GetCertHashString(HashAlgorithmName.SHA256)))
        {
            var name = new Claim(ClaimTypes.Name, certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
            context.Principal = new ClaimsPrincipal(new ClaimsIdentity([name], context.Scheme.Name));
            context.Success();
        }
        else
        {
            context.Fail("The certificate is not one of Administration:Fingerprints.");
        }

        return Task.CompletedTask;
    }
}
