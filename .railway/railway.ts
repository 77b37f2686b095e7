// The whole Railway project. `railway config plan` shows what would change, `railway config apply`
// asks and does it. It owns its environment: the plan deletes what is not listed here, so read it
// before you apply it to a project that holds more than Tollgate.
//
// The values of secrets stay in Railway (`railway variables --set NAME=value`); preserve() keeps them.
import { defineRailway, postgres, preserve, project, redis, service } from "railway/iac";

export default defineRailway(() => {
  const database = postgres("postgres");
  const cache = redis("redis");

  const tollgate = service("tollgate", {
    build: { builder: "DOCKERFILE", dockerfilePath: "Dockerfile" },
    // 200 also while it waits for its predecessor's lock (standby). If health waited for the lock,
    // the old instance would never be stopped and no deployment would ever succeed.
    healthcheck: "/health",
    healthcheckTimeout: 300, // seconds; longer than the longest migration
    replicas: 1, // a second would only stand by
    deploy: {
      // The process ends by itself only when it is truly broken: workers restart inside it.
      restartPolicyType: "ON_FAILURE",
      restartPolicyMaxRetries: 10,
    },
    env: {
      // From SIGTERM to SIGKILL. The default is 0: nothing in flight would end, and no lock be
      // released in time. These three are variables because those hold in every mode.
      RAILWAY_DEPLOYMENT_DRAINING_SECONDS: "30",
      RAILWAY_DEPLOYMENT_OVERLAP_SECONDS: "0",
      RAILWAY_HEALTHCHECK_TIMEOUT_SEC: "300",

      DATABASE_URL: database.env.DATABASE_URL,
      // The lock and LISTEN need a session of their own. Railway points DATABASE_URL at a pooler
      // when one is added, and says nothing; this one goes to the database whatever happens.
      DATABASE_UNPOOLED_URL:
        "postgresql://${{postgres.PGUSER}}:${{postgres.PGPASSWORD}}" +
        "@${{postgres.RAILWAY_PRIVATE_DOMAIN}}:5432/${{postgres.PGDATABASE}}",
      REDIS_URL: cache.env.REDIS_URL,

      BOT_TOKEN: preserve(),
      WEBHOOK_SECRET: preserve(),
      ADMIN_IDS: preserve(),
      CRYPTOBOT_TOKEN: preserve(),
      VPN_API_URL: preserve(),
      VPN_API_KEY: preserve(),
      // WEBHOOK_URL is not needed: generate a domain for the service, and RAILWAY_PUBLIC_DOMAIN
      // tells the rest.
    },
  });

  return project("tollgate", { resources: [database, cache, tollgate] });
});
